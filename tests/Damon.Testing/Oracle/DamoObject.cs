using System.Text.Json;

namespace Damon.Testing.Oracle;

/// <summary>An object of damo's answer, of which nothing may stay unread.</summary>
internal sealed class DamoObject(JsonElement element, string path)
{
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);

    public string? Text(string key) => Take(key) switch
    {
        { ValueKind: JsonValueKind.Null } => null,
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        var other => other.GetRawText(),
    };

    public bool Bool(string key) => Take(key).GetBoolean();

    public bool Has(string key) => element.TryGetProperty(key, out _);

    public DamoObject? Object(string key) => Take(key) is { ValueKind: JsonValueKind.Object } found ? new DamoObject(found, $"{path}.{key}") : null;

    public IReadOnlyList<DamoObject> Objects(string key) => [.. Take(key).EnumerateArray().Select((item, i) => new DamoObject(item, $"{path}.{key}[{i}]"))];

    public IReadOnlyList<string>? Texts(string key) => Take(key) is { ValueKind: JsonValueKind.Array } list ? [.. list.EnumerateArray().Select(item => item.GetString()!)] : null;

    /// <summary>A field that is no parameter of any kernel's files has to be as it is where nobody asks for anything.</summary>
    public void Must(string key, string json)
    {
        if (Take(key).GetRawText() is var found && found != json)
        {
            throw new InvalidOperationException($"{path}.{key} is {found}, and no file takes it.");
        }
    }

    /// <summary>Fails if there is a field that nobody took.</summary>
    public void Done()
    {
        if (element.EnumerateObject().FirstOrDefault(property => !_taken.Contains(property.Name)) is { Value.ValueKind: not JsonValueKind.Undefined } unknown)
        {
            throw new InvalidOperationException($"{path}.{unknown.Name} is not known: say which file it is.");
        }
    }

    private JsonElement Take(string key)
    {
        _taken.Add(key);
        return element.TryGetProperty(key, out var value) ? value : throw new InvalidOperationException($"{path}.{key} is missing.");
    }
}
