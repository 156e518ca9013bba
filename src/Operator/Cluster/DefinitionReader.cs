using System.Text.Json;

namespace Damon.Operator.Cluster;

/// <summary>
/// Compares the definition of a kind that the server has with the fields that this operator knows. What a definition lacks the server takes out of objects without a word: a scheme whose narrowing field
/// was taken out would look like one that never had it.
/// </summary>
internal static class DefinitionReader
{
    private const int MostTold = 5;

    /// <summary>Reads a definition.</summary>
    /// <param name="utf8">The CustomResourceDefinition.</param>
    /// <param name="version">The version that is compared.</param>
    /// <param name="fields">The fields that are known below <c>spec</c>, <c>[]</c> for an item and <c>.*</c> for an entry of a map.</param>
    /// <returns>What it lacks, for people; null where nothing.</returns>
    public static string? Lacks(ReadOnlySpan<byte> utf8, string version, IReadOnlyList<string> fields)
    {
        var reader = new Utf8JsonReader(utf8);
        using var document = JsonDocument.ParseValue(ref reader);
        var name = document.RootElement.GetProperty("metadata").GetProperty("name").GetString();
        if (At(document.RootElement, "spec", "versions") is not { ValueKind: JsonValueKind.Array } versions)
            return $"the definition {name} has no versions";
        foreach (var one in versions.EnumerateArray())
        {
            if (At(one, "name") is not { ValueKind: JsonValueKind.String } stated || stated.GetString() != version)
                continue;
            if (At(one, "schema", "openAPIV3Schema", "properties", "spec") is not { } spec)
                return $"the definition {name} says nothing about spec";
            List<string> missing = [.. fields.Where(field => !Has(spec, field))];
            return missing.Count == 0 ? null : $"the definition {name} is older than this operator and lacks {Told(missing)}; apply the definitions of the operator's version";
        }

        return $"the definition {name} has no version {version}";
    }

    private static string Told(List<string> missing)
    {
        // A parent says it for what is below it.
        missing.RemoveAll(field => missing.Exists(other => field.Length > other.Length && field.StartsWith(other, StringComparison.Ordinal) && field[other.Length] is '.' or '['));
        var told = string.Join(", ", missing.Take(MostTold).Select(field => $"spec.{field}"));
        return missing.Count <= MostTold ? told : $"{told} and {missing.Count - MostTold} more";
    }

    private static bool Has(JsonElement schema, string field)
    {
        var at = schema;
        foreach (var part in field.Replace("[]", ".[]", StringComparison.Ordinal).Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            if (At(at, "x-kubernetes-preserve-unknown-fields") is { ValueKind: JsonValueKind.True })
                return true;
            var next = part switch
            {
                "[]" => At(at, "items"),
                "*" => At(at, "additionalProperties"),
                _ => At(at, "properties", part),
            };
            if (next is not { } found)
                return false;
            at = found;
        }

        return true;
    }

    private static JsonElement? At(JsonElement from, params ReadOnlySpan<string> path)
    {
        foreach (var part in path)
        {
            if (from.ValueKind != JsonValueKind.Object || !from.TryGetProperty(part, out from))
                return null;
        }

        return from;
    }
}
