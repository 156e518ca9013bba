using Damon.Api.Units;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Damon.Api.Manifests;

/// <summary>Builds nodes from the events of the YAML parser; no object mapping, so nothing is reflected over.</summary>
internal sealed class YamlManifest
{
    private const int MaxMessageLength = 120;

    private readonly Parser _parser;
    private readonly Func<Mark, ManifestLocation> _locate;
    private readonly ManifestErrorList _errors = new();

    private YamlManifest(string text, Func<Mark, ManifestLocation> locate)
    {
        _parser = new(new StringReader(text));
        _locate = locate;
    }

    public static ManifestReadResult Read(string text, Func<Mark, ManifestLocation> locate)
    {
        var manifest = new YamlManifest(text, locate);
        var documents = new List<ManifestNode>();
        try
        {
            manifest.ReadStream(documents);
        }
        catch (TooDeepException)
        {
            // Reported where it was found; what is nested so deep is not read on.
        }
        catch (YamlException e)
        {
            manifest.Report(e.Start, $"not valid YAML: {QuotedText.OneLine(e.Message.TrimEnd('.').Replace("  ", " ", StringComparison.Ordinal), MaxMessageLength)}");
        }
#pragma warning disable CA1031 // The parser answers some broken input with exceptions of its own collections; the file is broken all the same.
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or IndexOutOfRangeException or FormatException or OverflowException)
#pragma warning restore CA1031
        {
            manifest.Report(manifest._parser.Current?.End ?? new Mark(0, 1, 1), "not valid YAML");
        }

        return manifest._errors.Count > 0 ? new([], manifest._errors.Sorted) : new(documents, []);
    }

    private void ReadStream(List<ManifestNode> documents)
    {
        Next<StreamStart>();
        while (Next<ParsingEvent>() is DocumentStart start)
        {
            if (start.Version is not null || (!start.IsImplicit && start.Tags is { } tags && tags.Any(tag => tag.Handle is not ("!" or "!!"))))
                Report(start.Start, "a YAML directive is not allowed; leave out the line that starts with %");
            var node = ReadNode(Next<ParsingEvent>(), 1, "");
            if (node is not ManifestScalar { Kind: ManifestScalarKind.Null })
                documents.Add(node);
            Next<DocumentEnd>();
        }
    }

    private ManifestNode ReadNode(ParsingEvent first, int depth, string path)
    {
        var at = _locate(first.Start);
        if (first is AnchorAlias)
        {
            Report(first.Start, "an alias (*) is not allowed; write the value out", path);
            return new ManifestScalar(at, ManifestScalarKind.Null, "");
        }

        if (first is not NodeEvent start)
            throw new YamlException(first.Start, first.End, "the structure is broken");

        if (!start.Anchor.IsEmpty)
            Report(start.Start, "an anchor (&) is not allowed; leave it out", path);
        if (!start.Tag.IsEmpty)
            Report(start.Start, "a tag (!) is not allowed; leave it out", path);
        if (depth > ManifestReader.MaxDepth)
        {
            Report(start.Start, $"nested deeper than {ManifestReader.MaxDepth} levels");
            throw new TooDeepException();
        }

        return start switch
        {
            Scalar scalar => new ManifestScalar(at, scalar.Style == ScalarStyle.Plain ? ManifestScalar.KindOfPlain(scalar.Value) : ManifestScalarKind.QuotedText, scalar.Value),
            SequenceStart => ReadSequence(at, depth, path),
            _ => ReadMapping(at, depth, path),
        };
    }

    private ManifestSequence ReadSequence(ManifestLocation at, int depth, string path)
    {
        var items = new List<ManifestNode>();
        while (Next<ParsingEvent>() is var item and not SequenceEnd)
            items.Add(ReadNode(item, depth + 1, FieldPath.Item(path, items.Count)));
        return new(at, items);
    }

    private ManifestMapping ReadMapping(ManifestLocation at, int depth, string path)
    {
        var entries = new List<ManifestEntry>();
        var lines = new Dictionary<string, int>(StringComparer.Ordinal);
        while (Next<ParsingEvent>() is var keyEvent and not MappingEnd)
        {
            var keyNode = ReadNode(keyEvent, depth + 1, path);
            var key = (keyNode as ManifestScalar)?.Text ?? "";
            var value = ReadNode(Next<ParsingEvent>(), depth + 1, FieldPath.Field(path, key));
            if (keyNode is not ManifestScalar { Kind: not ManifestScalarKind.Null } scalar)
                Report(keyEvent.Start, "a field's name must be plain text", path);
            else if (key == "<<" && scalar.Kind == ManifestScalarKind.PlainText)
                Report(keyEvent.Start, "a merge key (<<) is not allowed; write the fields out", path);
            else if (lines.TryGetValue(key, out var firstLine))
                Report(keyEvent.Start, $"the field {QuotedText.Of(key)} stands twice, first in line {firstLine}; leave one out", path);
            else
            {
                lines.Add(key, keyNode.At.Line);
                entries.Add(new(key, keyNode.At, value));
            }
        }

        return new(at, entries);
    }

    private T Next<T>()
        where T : ParsingEvent
    {
        if (!_parser.MoveNext())
            throw new YamlException("the text ends too early");
        return _parser.Current as T ?? throw new YamlException(_parser.Current!.Start, _parser.Current.End, "the structure is broken");
    }

    private void Report(Mark mark, string message, string path = "")
    {
        var at = _locate(mark);
        _errors.Add(new(at.File, at.Line, at.Column, path, message));
    }

#pragma warning disable CA1032, CA1064 // Leaves the recursion of this class and nothing else.
    private sealed class TooDeepException : Exception;
#pragma warning restore CA1032, CA1064
}
