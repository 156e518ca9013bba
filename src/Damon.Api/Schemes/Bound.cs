namespace Damon.Api.Schemes;

/// <summary>A closed range; a missing bound is open.</summary>
/// <typeparam name="T">What is bounded.</typeparam>
/// <param name="Min">The smallest value inside, or null.</param>
/// <param name="Max">The largest value inside, at least <paramref name="Min"/>, or null.</param>
public sealed record Bound<T>(T? Min, T? Max)
    where T : struct;
