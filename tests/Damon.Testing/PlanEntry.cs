using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Damon.Testing;

/// <summary>An entry of a DamonNode's plan as the operator writes it, for tests that play the operator.</summary>
public sealed record PlanEntry(string Name, [StringSyntax(StringSyntaxAttribute.Json)] string Spec)
{
    public string Uid { get; init; } = $"u-{Name}";

    public long Generation { get; init; } = 1;

    public string Hash { get; init; } = $"h-{Name}";

    public int Rank { get; init; } = 1;

    public string CreatedAt { get; init; } = "1970-01-01T00:00:00Z";

    /// <summary>What the agent reads, and no server.</summary>
    public string Document => $$"""{"createdAt":"{{CreatedAt}}","generation":{{Generation}},"rank":{{Rank}},"spec":{{Spec}},"uid":"{{Uid}}"}""";

    /// <summary>What the document of an entry says.</summary>
    public static JsonObject DocumentOf(JsonNode? entry) => (JsonObject)JsonNode.Parse((string)entry!["document"]!)!;

    /// <summary>The scheme's spec in an entry.</summary>
    public static JsonObject SpecOf(JsonNode? entry) => (JsonObject)DocumentOf(entry)["spec"]!;

    /// <summary>The entry, as JSON.</summary>
    public string Json => JsonOf(Document);

    /// <summary>The entry with another document, which may be none.</summary>
    public string JsonOf(string document) => $$"""{"name":"{{Name}}","hash":"{{Hash}}","document":"{{JsonEncodedText.Encode(document)}}"}""";
}
