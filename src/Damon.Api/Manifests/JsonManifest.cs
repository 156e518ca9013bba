using System.Text;
using System.Text.Json;
using Damon.Api.Units;

namespace Damon.Api.Manifests;

/// <summary>Builds nodes from JSON tokens. JSON has one document to a file.</summary>
internal ref struct JsonManifest
{
    // The runtime repeats what it could not read, to the end of the file.
    private const int MaxMessageLength = 120;

    private readonly string _fileName;
    private readonly byte[] _utf8;
    private readonly ManifestErrorList _errors;
    private Utf8JsonReader _reader;
    private int _locatedBytes;
    private int _line;
    private int _lineStart;

    private JsonManifest(string fileName, string text)
    {
        _fileName = fileName;
        _utf8 = Encoding.UTF8.GetBytes(text);
        _errors = new();
        _line = 1;
        _reader = new(_utf8, new JsonReaderOptions { MaxDepth = 2 * ManifestReader.MaxDepth });
    }

    public static ManifestReadResult Read(string fileName, string text)
    {
        var manifest = new JsonManifest(fileName, text);
        ManifestNode? document = null;
        try
        {
            manifest._reader.Read();
            document = manifest.ReadNode(1, "");
            manifest._reader.Read();
        }
        catch (JsonException e)
        {
            // The runtime's message ends in a position that starts to count at zero, ours takes its place; and in advice to a programmer.
            var message = e.Message.Replace(" Change the reader options.", "", StringComparison.Ordinal);
            var position = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
            manifest.Report(manifest.At(e), $"not valid JSON: {QuotedText.OneLine((position < 0 ? message : message[..position]).TrimEnd('.'), MaxMessageLength)}");
        }
        catch (InvalidOperationException)
        {
            manifest.Report(manifest.At((int)manifest._reader.TokenStartIndex), "half of a character stands alone; write UTF-8 text");
        }

        if (manifest._errors.Count > 0)
            return new([], manifest._errors.Sorted);
        return new(document is null or ManifestScalar { Kind: ManifestScalarKind.Null } ? [] : [document], []);
    }

    private ManifestNode ReadNode(int depth, string path)
    {
        var at = At((int)_reader.TokenStartIndex);
        if (depth > ManifestReader.MaxDepth)
        {
            Report(at, $"nested deeper than {ManifestReader.MaxDepth} levels");
            _reader.Skip();
            return new ManifestScalar(at, ManifestScalarKind.Null, "");
        }

        return _reader.TokenType switch
        {
            JsonTokenType.StartObject => ReadMapping(at, depth, path),
            JsonTokenType.StartArray => ReadSequence(at, depth, path),
            JsonTokenType.String => new ManifestScalar(at, ManifestScalarKind.QuotedText, _reader.GetString()!),
            JsonTokenType.Number => new ManifestScalar(at, ManifestScalarKind.Number, Encoding.UTF8.GetString(_reader.ValueSpan)),
            JsonTokenType.True => new ManifestScalar(at, ManifestScalarKind.Bool, "true"),
            JsonTokenType.False => new ManifestScalar(at, ManifestScalarKind.Bool, "false"),
            _ => new ManifestScalar(at, ManifestScalarKind.Null, "null"),
        };
    }

    private ManifestSequence ReadSequence(ManifestLocation at, int depth, string path)
    {
        var items = new List<ManifestNode>();
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
            items.Add(ReadNode(depth + 1, FieldPath.Item(path, items.Count)));
        return new(at, items);
    }

    private ManifestMapping ReadMapping(ManifestLocation at, int depth, string path)
    {
        var entries = new List<ManifestEntry>();
        var lines = new Dictionary<string, int>(StringComparer.Ordinal);
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndObject)
        {
            var keyAt = At((int)_reader.TokenStartIndex);
            var key = _reader.GetString()!;
            _reader.Read();
            var value = ReadNode(depth + 1, FieldPath.Field(path, key));
            if (lines.TryGetValue(key, out var firstLine))
                Report(keyAt, $"the field {QuotedText.Of(key)} stands twice, first in line {firstLine}; leave one out", path);
            else
            {
                lines.Add(key, keyAt.Line);
                entries.Add(new(key, keyAt, value));
            }
        }

        return new(at, entries);
    }

    private ManifestLocation At(JsonException e)
    {
        var lineStart = 0;
        for (var line = 0L; line < e.LineNumber; line++)
            lineStart += _utf8.AsSpan(lineStart).IndexOf((byte)'\n') + 1;
        var bytes = (int)Math.Min(e.BytePositionInLine ?? 0, _utf8.Length - lineStart);
        return new(_fileName, (int)(e.LineNumber ?? 0) + 1, Encoding.UTF8.GetCharCount(_utf8, lineStart, bytes) + 1);
    }

    // Tokens are located in their order, so that each line is counted once.
    private ManifestLocation At(int index)
    {
        for (int end; _locatedBytes < index; _locatedBytes = end)
        {
            var lineFeed = _utf8.AsSpan(_locatedBytes, index - _locatedBytes).IndexOf((byte)'\n');
            end = lineFeed < 0 ? index : _locatedBytes + lineFeed + 1;
            if (lineFeed >= 0)
                (_line, _lineStart) = (_line + 1, end);
        }

        return new(_fileName, _line, Encoding.UTF8.GetCharCount(_utf8, _lineStart, index - _lineStart) + 1);
    }

    private readonly void Report(ManifestLocation at, string message, string path = "") => _errors.Add(new(at.File, at.Line, at.Column, path, message));
}
