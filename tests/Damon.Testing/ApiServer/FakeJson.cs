using System.Text;
using System.Text.Json.Nodes;

namespace Damon.Testing.ApiServer;

/// <summary>Reading and writing of the fake server's objects.</summary>
internal static class FakeJson
{
    public static string? Text(JsonObject from, params string[] path)
    {
        JsonNode? at = from;
        foreach (var part in path)
            at = (at as JsonObject)?[part];
        return at is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
    }

    public static JsonObject Object(JsonObject from, string name)
    {
        if (from[name] is JsonObject found)
            return found;
        JsonObject made = [];
        from[name] = made;
        return made;
    }

    public static JsonObject Clone(JsonObject from) => (JsonObject)from.DeepClone();

    public static byte[] Bytes(JsonNode node) => Encoding.UTF8.GetBytes(node.ToJsonString());

    /// <summary>A line of a watch.</summary>
    public static byte[] Event(string type, JsonObject content) => Bytes(new JsonObject { ["type"] = type, ["object"] = Clone(content) }) is var bytes ? [.. bytes, (byte)'\n'] : [];

    public static JsonObject Status(int code, string reason, string message, IEnumerable<string> causes, TimeSpan? retryAfter = null)
    {
        JsonObject details = [];
        if (retryAfter is { } after)
            details["retryAfterSeconds"] = (int)after.TotalSeconds;
        JsonArray list = [.. causes.Select(cause => (JsonNode)new JsonObject { ["reason"] = cause })];
        if (list.Count > 0)
            details["causes"] = list;
        return new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = "Failure",
            ["message"] = message,
            ["reason"] = reason,
            ["details"] = details,
            ["code"] = code,
        };
    }

    /// <summary>The paths of all values that are not objects; a list is one value. An empty object is a value as well.</summary>
    public static Dictionary<string, JsonNode?> Leaves(JsonObject from)
    {
        var leaves = new Dictionary<string, JsonNode?>(StringComparer.Ordinal);
        Collect(from, "", leaves);
        return leaves;
    }

    /// <summary>RFC 7386.</summary>
    public static void Merge(JsonObject into, JsonObject patch)
    {
        foreach (var (name, value) in patch.ToList())
        {
            if (value is null)
                into.Remove(name);
            else if (value is JsonObject inner)
                Merge(Object(into, name), inner);
            else
                into[name] = value.DeepClone();
        }
    }

    public static void Set(JsonObject into, string path, JsonNode? value)
    {
        var parts = path.Split('\0');
        foreach (var part in parts[..^1])
            into = Object(into, part);
        into[parts[^1]] = value?.DeepClone();
    }

    /// <summary>Also takes away the objects that this leaves empty.</summary>
    public static void Remove(JsonObject from, string path)
    {
        var parts = path.Split('\0', 2);
        if (parts.Length == 1)
        {
            from.Remove(parts[0]);
        }
        else if (from[parts[0]] is JsonObject inner)
        {
            Remove(inner, parts[1]);
            if (inner.Count == 0)
                from.Remove(parts[0]);
        }
    }

    private static void Collect(JsonObject from, string prefix, Dictionary<string, JsonNode?> leaves)
    {
        foreach (var (name, value) in from)
        {
            if (value is JsonObject { Count: > 0 } inner)
                Collect(inner, $"{prefix}{name}\0", leaves);
            else
                leaves[prefix + name] = value;
        }
    }
}
