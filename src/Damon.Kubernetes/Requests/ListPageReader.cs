using System.Text.Json;

namespace Damon.Kubernetes.Requests;

/// <summary>Reads a list item by item while it arrives: no more than one object is held, however long the list. <c>metadata</c> may stand before or behind the items.</summary>
internal sealed class ListPageReader(StreamBuffer buffer, ItemReader reader)
{
    private JsonReaderState _state;
    private Position _position = Position.Start;
    private string _resourceVersion = "";
    private string _continue = "";

    private enum Position
    {
        Start,
        Fields,
        Items,
        End,
    }

    /// <exception cref="JsonException">It is no list, or only part of one.</exception>
    public async ValueTask<ListPage> ReadAsync(CancellationToken cancellation)
    {
        var isFinal = false;
        while (true)
        {
            buffer.Consume(Advance(buffer.Unread, isFinal));
            if (_position == Position.End)
                return new ListPage(_resourceVersion, _continue);
            if (isFinal)
                throw new JsonException("The list ends in its middle.");
            isFinal = !await buffer.FillAsync(cancellation);
        }
    }

    /// <summary>Goes as far as whole units reach.</summary>
    /// <returns>How many bytes are done with: the state kept is the one behind them.</returns>
    private int Advance(ReadOnlySpan<byte> data, bool isFinal)
    {
        var json = new Utf8JsonReader(data, isFinal, _state);
        var done = 0;
        while (_position != Position.End && Step(ref json, data))
        {
            done = (int)json.BytesConsumed;
            _state = json.CurrentState;
        }

        return done;
    }

    /// <returns>False where the unit is not all there.</returns>
    private bool Step(ref Utf8JsonReader json, ReadOnlySpan<byte> data)
    {
        if (!json.Read())
            return false;
        switch (_position)
        {
            case Position.Start:
                if (json.TokenType != JsonTokenType.StartObject)
                    throw new JsonException("Not a list.");
                _position = Position.Fields;
                return true;
            case Position.Fields when json.TokenType == JsonTokenType.EndObject:
                _position = Position.End;
                return true;
            case Position.Fields:
                return Field(ref json, data);
            case Position.Items when json.TokenType == JsonTokenType.EndArray:
                _position = Position.Fields;
                return true;
            default:
                var start = (int)json.TokenStartIndex;
                if (!json.TrySkip())
                    return false;
                reader(data[start..(int)json.BytesConsumed]);
                return true;
        }
    }

    private bool Field(ref Utf8JsonReader json, ReadOnlySpan<byte> data)
    {
        var isItems = json.ValueTextEquals("items"u8);
        var isMetadata = json.ValueTextEquals("metadata"u8);
        if (!json.Read())
            return false;
        if (isItems && json.TokenType == JsonTokenType.StartArray)
        {
            _position = Position.Items;
            return true;
        }

        var start = (int)json.TokenStartIndex;
        if (!json.TrySkip())
            return false;
        if (isMetadata)
            ReadMetadata(data[start..(int)json.BytesConsumed]);
        return true;
    }

    private void ReadMetadata(ReadOnlySpan<byte> metadata)
    {
        var json = new Utf8JsonReader(metadata);
        json.Read();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var isVersion = json.ValueTextEquals("resourceVersion"u8);
            var isContinue = json.ValueTextEquals("continue"u8);
            json.Read();
            if (isVersion)
                _resourceVersion = json.GetString() ?? "";
            else if (isContinue)
                _continue = json.GetString() ?? "";
            else
                json.Skip();
        }
    }
}
