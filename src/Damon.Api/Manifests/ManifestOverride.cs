using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Damon.Api.Units;

namespace Damon.Api.Manifests;

/// <summary>
/// A field set on the command line instead of in the file: <c>pattern.age.min=4s</c>, <c>filters[0].allow=true</c>. The path starts at the document's spec.
/// The value is read as YAML would read it; <c>null</c> takes the field out.
/// </summary>
public sealed class ManifestOverride
{
    private const int MaxPathLength = 120;

    private readonly IReadOnlyList<Step> _steps;
    private readonly ManifestNode _value;

    private ManifestOverride(string path, IReadOnlyList<Step> steps, ManifestNode value, ManifestLocation at)
    {
        Path = path;
        _steps = steps;
        _value = value;
        At = at;
    }

    /// <summary>The field, from the spec on.</summary>
    public string Path { get; }

    /// <summary>Where errors of the value are found: the option itself.</summary>
    public ManifestLocation At { get; }

    /// <summary>Reads an override.</summary>
    /// <param name="text"><c>path=value</c>.</param>
    /// <param name="value">The override, or null.</param>
    /// <param name="error">What is wrong with it, or null.</param>
    /// <returns>Whether it is well formed; whether the field exists is found when it is applied and decoded.</returns>
    public static bool TryParse(string text, [NotNullWhen(true)] out ManifestOverride? value, [NotNullWhen(false)] out ManifestError? error)
    {
        value = null;
        error = null;
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        var path = (equals < 0 ? text : text[..equals]).Trim();
        var at = new ManifestLocation($"--set {QuotedText.OneLine(path, MaxPathLength)}", 0, 0);
        if (equals < 0 || !TryReadSteps(path, out var steps))
        {
            error = new(at.File, 0, 0, "", $"{QuotedText.Of(text)} is not a setting; write path=value such as pattern.age.min=4s");
            return false;
        }

        var result = ReadValue(text[(equals + 1)..].Trim(), at);
        if (result.Errors.Count > 0)
        {
            error = result.Errors[0];
            return false;
        }

        if (result.Documents is not [var node])
        {
            error = new(at.File, 0, 0, "", $"{QuotedText.Of(text)} sets nothing; write path=value, or path=null to take the field out");
            return false;
        }

        value = new(path, steps, node, at);
        return true;
    }

    /// <summary>Sets the field in a document.</summary>
    /// <param name="document">The document; it is not changed.</param>
    /// <param name="decoder">Takes the error where the path leads through something that has no fields.</param>
    /// <returns>The document with the field set, or as it was where there is an error.</returns>
    public ManifestNode Apply(ManifestNode document, ManifestDecoder decoder) => Apply(document, [new("spec", -1), .. _steps], 0, "", decoder) ?? document;

    private static ManifestReadResult ReadValue(string text, ManifestLocation at)
    {
        if (text.Length == 0)
            return new([], []);
        if (text[0] is not ('[' or '{' or '"' or '\''))
            return new([new ManifestScalar(at, ManifestScalar.KindOfPlain(text), text)], []);
        var checkedText = ManifestReader.Read(at.File + ".yaml", text);
        return checkedText.Errors.Count > 0
            ? new([], [.. checkedText.Errors.Select(e => new ManifestError(at.File, 0, 0, e.FieldPath, e.Message))])
            : YamlManifest.Read(text, _ => at);
    }

    private static bool TryReadSteps(string path, out List<Step> steps)
    {
        steps = [];
        if (path.Length > MaxPathLength)
            return false;
        foreach (var part in path.Split('.'))
        {
            var bracket = part.IndexOf('[', StringComparison.Ordinal);
            var name = bracket < 0 ? part : part[..bracket];
            if (name.Length == 0 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '/'))
                return false;
            steps.Add(new(name, -1));
            while (bracket >= 0)
            {
                var close = part.IndexOf(']', bracket);
                if (close < 0 || !int.TryParse(part.AsSpan(bracket + 1, close - bracket - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var index))
                    return false;
                steps.Add(new("", index));
                bracket = close + 1 < part.Length ? close + 1 : -1;
                if (bracket > 0 && part[bracket] != '[')
                    return false;
            }
        }

        return steps.Count < ManifestReader.MaxDepth - 1;
    }

    // Null: nothing was set, and the error says why.
    private ManifestNode? Apply(ManifestNode? node, IReadOnlyList<Step> steps, int depth, string path, ManifestDecoder decoder)
    {
        if (depth == steps.Count)
            return _value;
        var step = steps[depth];
        if (step.Index >= 0)
        {
            if (node is not ManifestSequence sequence || step.Index >= sequence.Items.Count)
            {
                var message = node is ManifestSequence tooShort
                    ? $"the list has {tooShort.Items.Count} items only; set one that is there, or the whole list"
                    : "there is no list here; set the whole list";
                decoder.Report(At, FieldPath.Item(path, step.Index), message);
                return null;
            }

            var item = Apply(sequence.Items[step.Index], steps, depth + 1, FieldPath.Item(path, step.Index), decoder);
            return item is null ? null : new ManifestSequence(sequence.At, [.. sequence.Items.Select((old, i) => i == step.Index ? item : old)]);
        }

        var field = FieldPath.Field(path, step.Name);
        if (node is null or ManifestScalar { Kind: ManifestScalarKind.Null })
            node = new ManifestMapping(At, []);
        if (node is not ManifestMapping mapping)
        {
            decoder.Report(At, field, $"cannot be set, because {path} is {node.Description}; set a field of a mapping");
            return null;
        }

        var value = Apply(mapping.Find(step.Name)?.Value, steps, depth + 1, field, decoder);
        if (value is null)
            return null;
        var isRemoval = depth == steps.Count - 1 && value is ManifestScalar { Kind: ManifestScalarKind.Null };
        return mapping.With(step.Name, At, isRemoval ? null : value);
    }

    private readonly record struct Step(string Name, int Index);
}
