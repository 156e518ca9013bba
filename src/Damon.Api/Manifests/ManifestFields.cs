using Damon.Api.Units;

namespace Damon.Api.Manifests;

/// <summary>The fields of one mapping while it is decoded. It remembers which fields were asked for; whatever else stands there is unknown.</summary>
public sealed class ManifestFields
{
    private readonly ManifestDecoder _decoder;
    private readonly ManifestMapping _mapping;
    private readonly List<string> _known = [];
    private readonly List<string> _refused = [];

    internal ManifestFields(ManifestDecoder decoder, ManifestMapping mapping, string path)
    {
        _decoder = decoder;
        _mapping = mapping;
        Path = path;
    }

    /// <summary>The mapping's path.</summary>
    public string Path { get; }

    /// <summary>Looks for a field that may be absent. One that is written without a value is an error.</summary>
    /// <param name="name">The field.</param>
    /// <returns>Its value, or null where it is absent or empty.</returns>
    public ManifestValue? Find(string name)
    {
        _known.Add(name);
        if (_decoder.IsRecording)
        {
            _decoder.Record(new(FieldPath.Field(Path, name), FieldKind.Any));
            return _decoder.Placeholder(FieldPath.Field(Path, name));
        }

        if (_mapping.Find(name) is not { } entry)
            return null;
        var value = new ManifestValue(_decoder, entry.Value, FieldPath.Field(Path, name));
        if (entry.Value is not ManifestScalar { Kind: ManifestScalarKind.Null })
            return value;
        value.Report("has no value; give one or leave the field out");
        return null;
    }

    /// <summary>Leaves every field that was not asked for alone: what they mean depends on one that is wrong.</summary>
    public void IgnoreRest() => _known.AddRange(_mapping.Entries.Select(entry => entry.Key));

    /// <summary>Looks for a field that must be there.</summary>
    /// <param name="name">The field.</param>
    /// <returns>Its value, or null where it is absent or empty, which is an error.</returns>
    public ManifestValue? Require(string name)
    {
        var value = Find(name);
        if (_decoder.IsRecording)
            _decoder.Record(new(FieldPath.Field(Path, name), FieldKind.Any) { IsRequired = true });
        else if (_mapping.Find(name) is null)
            _decoder.Report(_mapping.At, FieldPath.Field(Path, name), "is missing and must be given");
        return value;
    }

    /// <summary>Refuses a field that exists in other places or at other times, with the reason.</summary>
    /// <param name="name">The field.</param>
    /// <param name="message">Why it may not stand here.</param>
    public void Refuse(string name, string message)
    {
        _refused.Add(name);
        if (_mapping.Find(name) is { } entry)
            _decoder.Report(entry.KeyAt, FieldPath.Field(Path, name), message);
    }

    /// <summary>Whether a field is written, with whatever value.</summary>
    /// <param name="names">The names on the way to it.</param>
    /// <returns>Whether it is.</returns>
    public bool Has(params ReadOnlySpan<string> names)
    {
        var mapping = _mapping;
        for (var i = 0; i < names.Length; i++)
        {
            if (mapping?.Find(names[i]) is not { } entry)
                return false;
            mapping = entry.Value as ManifestMapping;
        }

        return true;
    }

    /// <summary>
    /// Whether nothing is wrong with a field or what is below it, absent or not. A rule over several fields holds its tongue where one of them is wrong already.
    /// </summary>
    /// <param name="names">The names on the way to it.</param>
    /// <returns>Whether it is sound.</returns>
    public bool IsSound(params ReadOnlySpan<string> names) => !_decoder.HasErrorsAt(PathOf(names));

    /// <summary>Notes an error at a field, or at the nearest mapping around it where the field is absent.</summary>
    /// <param name="message">What was found and what is accepted.</param>
    /// <param name="names">The names on the way to it; none for the mapping itself.</param>
    public void Report(string message, params ReadOnlySpan<string> names)
    {
        ManifestNode node = _mapping;
        foreach (var name in names)
        {
            if ((node as ManifestMapping)?.Find(name) is not { } entry)
                break;
            node = entry.Value;
        }

        _decoder.Report(node.At, PathOf(names), message);
    }

    /// <summary>Notes every field that was never asked for.</summary>
    internal void ReportUnknown()
    {
        foreach (var entry in _mapping.Entries)
        {
            if (_known.Contains(entry.Key) || _refused.Contains(entry.Key))
                continue;
            var advice = Spelling.Nearest(entry.Key, _known.Where(known => !Has(known))) is { } meant ? $"did you mean {QuotedText.Of(meant)}?"
                : _known.Count == 0 ? "no fields are known here"
                : $"known are {string.Join(", ", _known)}";
            var at = entry.KeyAt;
            _decoder.Report(new ManifestError(at.File, at.Line, at.Column, FieldPath.Field(Path, entry.Key), $"the field {QuotedText.Of(entry.Key)} is not known; {advice}")
            {
                Kind = ManifestErrorKind.UnknownField,
            });
        }
    }

    private string PathOf(ReadOnlySpan<string> names)
    {
        var path = Path;
        foreach (var name in names)
            path = FieldPath.Field(path, name);
        return path;
    }
}
