using System.Text.Json.Nodes;

namespace Damon.Testing.ApiServer;

/// <summary>Which objects a list or a watch is about.</summary>
internal sealed class FakeSelector
{
    private readonly List<Func<JsonObject, bool>> _conditions = [];

    /// <exception cref="FakeStatusException">A field that the kind cannot be selected by.</exception>
    public FakeSelector(FakeKind kind, string ns, string labels, string fields)
    {
        if (ns.Length > 0)
            _conditions.Add(found => FakeJson.Text(found, "metadata", "namespace") == ns);
        foreach (var term in labels.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            _conditions.Add(Label(term));
        foreach (var term in fields.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            _conditions.Add(Field(kind, term));
    }

    public bool Fits(JsonObject? found) => found is not null && _conditions.TrueForAll(condition => condition(found));

    private static Func<JsonObject, bool> Label(string term)
    {
        if (term.Split("!=") is [var unequal, var notValue])
            return found => LabelOf(found, unequal) != notValue;
        if (term.Split("==") is [var doubled, var same])
            return found => LabelOf(found, doubled) == same;
        if (term.Split('=') is [var equal, var value])
            return found => LabelOf(found, equal) == value;
        return term[0] == '!' ? found => LabelOf(found, term[1..]) is null : found => LabelOf(found, term) is not null;
    }

    private static Func<JsonObject, bool> Field(FakeKind kind, string term)
    {
        if (term.Split('=', 2) is not [var path, var value])
            throw new FakeStatusException(400, "BadRequest", $"'{term}' is no field selector of the fake server.");
        if (path is not ("metadata.name" or "metadata.namespace") && !kind.SelectableFields.Contains(path))
            throw new FakeStatusException(400, "BadRequest", $"field label not supported: {path}");
        var parts = path.Split('.');
        return found => (FakeJson.Text(found, parts) ?? "") == value.TrimStart('=');
    }

    private static string? LabelOf(JsonObject found, string label) => FakeJson.Text(found, "metadata", "labels", label);
}
