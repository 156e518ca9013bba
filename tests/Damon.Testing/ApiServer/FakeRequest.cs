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
    /// <summary>Of which group; empty for the core group.</summary>
    public string Group { get; init; } = "";

    /// <summary>In which namespace; empty for none or all.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>The body's size in bytes.</summary>
    public long BodyBytes { get; init; }

    /// <summary>Whether it changes something.</summary>
    public bool IsWrite => Verb is FakeVerb.Create or FakeVerb.Update or FakeVerb.Patch or FakeVerb.Apply or FakeVerb.Delete;

    /// <summary>Whether it is a further page of a list.</summary>
    public bool IsContinued => Query.ContainsKey("continue");
}
