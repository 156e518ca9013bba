using System.Text;
using System.Text.Json.Nodes;

namespace Damon.Interchange;

/// <summary>
/// Writes a tree as YAML, in block style. Text is quoted as JSON quotes it wherever a reader of YAML could take it for something else: YAML contains JSON's
/// strings.
/// </summary>
internal static class YamlText
{
    public static string Of(JsonNode node)
    {
        var text = new StringBuilder();
        Write(text, node, 0, isInline: false);
        return text.ToString();
    }

    private static void Write(StringBuilder to, JsonNode? node, int indent, bool isInline)
    {
        switch (node)
        {
            case JsonObject { Count: > 0 } mapping:
                foreach (var (key, value) in mapping)
                {
                    Begin(to, indent, ref isInline);
                    to.Append(Scalar(key)).Append(':');
                    WriteValue(to, value, indent, isList: false);
                }

                break;
            case JsonArray { Count: > 0 } list:
                foreach (var item in list)
                {
                    Begin(to, indent, ref isInline);
                    to.Append('-');
                    WriteValue(to, item, indent, isList: true);
                }

                break;
            default:
                Begin(to, indent, ref isInline);
                to.Append(Leaf(node)).Append('\n');
                break;
        }
    }

    private static void WriteValue(StringBuilder to, JsonNode? value, int indent, bool isList)
    {
        if (value is JsonObject { Count: > 0 } && isList)
        {
            to.Append(' ');
            Write(to, value, indent + 2, isInline: true);
        }
        else if (value is JsonObject { Count: > 0 } or JsonArray { Count: > 0 })
        {
            to.Append('\n');
            Write(to, value, isList || value is JsonObject ? indent + 2 : indent, isInline: false);
        }
        else
        {
            to.Append(' ').Append(Leaf(value)).Append('\n');
        }
    }

    private static void Begin(StringBuilder to, int indent, ref bool isInline)
    {
        // The first field of a list's item stands behind its dash.
        if (!isInline)
        {
            to.Append(' ', indent);
        }

        isInline = false;
    }

    private static string Leaf(JsonNode? node) => node switch
    {
        null => "null",
        JsonObject => "{}",
        JsonArray => "[]",
        JsonValue value when value.TryGetValue<string>(out var text) => Scalar(text),
        _ => node.ToJsonString(),
    };

    private static string Scalar(string text)
    {
        // Words alone need no quotes; anything with a digit first, a sign or a space might.
        var isPlain = text.Length > 0 && char.IsAsciiLetter(text[0])
            && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '/' or '.')
            && text.ToUpperInvariant() is not ("TRUE" or "FALSE" or "YES" or "NO" or "ON" or "OFF" or "Y" or "N" or "NULL");
        return isPlain ? text : JsonValue.Create(text)!.ToJsonString();
    }
}
