namespace Damon.Demo.Verdicts;

/// <summary>A promise, held against what was measured.</summary>
/// <param name="Promise">What was promised, its bound included.</param>
/// <param name="Measured">What was measured.</param>
/// <param name="Verdict">What follows.</param>
internal sealed record Check(string Promise, string Measured, Verdict Verdict)
{
    public Check(string promise, string measured, bool held)
        : this(promise, measured, held ? Verdict.Held : Verdict.Broken)
    {
    }
}
