namespace Damon.Demo.Verdicts;

/// <summary>A promise, held against what was measured.</summary>
/// <param name="Promise">What was promised, its bound included.</param>
/// <param name="Measured">What was measured.</param>
/// <param name="Held">Whether it held.</param>
internal sealed record Check(string Promise, string Measured, bool Held);
