namespace Damon.Testing.ApiServer;

/// <summary>A request as it reached the fake server.</summary>
/// <param name="Verb">What it is for.</param>
/// <param name="Plural">Of which kind.</param>
/// <param name="Name">Of which object; empty for many.</param>
/// <param name="Subresource">Of which part of it; empty for all.</param>
/// <param name="Query">Its parameters.</param>
/// <param name="At">When, since the clock began.</param>
/// <param name="Authorization">Who said to ask.</param>
public sealed record FakeRequest(
    FakeVerb Verb, string Plural, string Name, string Subresource, IReadOnlyDictionary<string, string> Query, TimeSpan At, string? Authorization)
{
    /// <summary>Whether it is a further page of a list.</summary>
    public bool IsContinued => Query.ContainsKey("continue");
}
