using System.Text.Json;

namespace Damon.Kubernetes.Requests;

/// <summary>One line of a watch: an event, or the server's word that the watch is over.</summary>
internal readonly ref struct WatchLine
{
    private WatchLine(WatchEventType? type, ReadOnlySpan<byte> content)
    {
        Type = type;
        Content = content;
    }

    /// <summary>Null for an error, whose content is a Status.</summary>
    public WatchEventType? Type { get; }

    public ReadOnlySpan<byte> Content { get; }

    /// <exception cref="JsonException">It is no event.</exception>
    public static WatchLine Parse(ReadOnlySpan<byte> line)
    {
        var json = new Utf8JsonReader(line);
        string? type = null;
        ReadOnlySpan<byte> content = default;
        if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
            throw new JsonException("Not an event.");
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var isType = json.ValueTextEquals("type"u8);
            var isObject = json.ValueTextEquals("object"u8);
            json.Read();
            var start = (int)json.TokenStartIndex;
            if (isType)
                type = json.GetString();
            else
                json.Skip();
            if (isObject)
                content = line[start..(int)json.BytesConsumed];
        }

        // The rest of the line is read too: an event that was cut off and glued to another is none.
        while (json.Read())
        {
        }

        if (content.IsEmpty)
            throw new JsonException("An event without an object.");
        return type switch
        {
            "ADDED" => new WatchLine(WatchEventType.Added, content),
            "MODIFIED" => new WatchLine(WatchEventType.Modified, content),
            "DELETED" => new WatchLine(WatchEventType.Deleted, content),
            "BOOKMARK" => new WatchLine(WatchEventType.Bookmark, content),
            "ERROR" => new WatchLine(null, content),
            _ => throw new JsonException($"An event of the type '{type}'."),
        };
    }
}
