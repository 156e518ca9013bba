using System.Buffers;
using Damon.Api.Units;

namespace Damon.Api.Manifests;

/// <summary>A single value.</summary>
public sealed class ManifestScalar : ManifestNode
{
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdefABCDEF");

    /// <summary>Makes a value.</summary>
    /// <param name="at">Where it starts.</param>
    /// <param name="kind">What it is.</param>
    /// <param name="text">Its text as written, without quotes and escapes.</param>
    public ManifestScalar(ManifestLocation at, ManifestScalarKind kind, string text)
        : base(at)
    {
        Kind = kind;
        Text = text;
    }

    /// <summary>What the value is.</summary>
    public ManifestScalarKind Kind { get; }

    /// <summary>The text as written, without quotes and escapes: a number keeps its zeros.</summary>
    public string Text { get; }

    /// <summary>Whether the value is text, quoted or not.</summary>
    public bool IsText => Kind is ManifestScalarKind.PlainText or ManifestScalarKind.QuotedText;

    internal override string Description => Kind switch
    {
        ManifestScalarKind.Number => $"the number {Text}",
        ManifestScalarKind.Bool => Text.ToLowerInvariant(),
        ManifestScalarKind.Null => "nothing",
        _ => $"the text {QuotedText.Of(Text)}",
    };

    /// <summary>What text without quotes is by the core schema of YAML 1.2 (section 10.3.2 of the specification).</summary>
    /// <param name="text">The text.</param>
    /// <returns>Its kind.</returns>
    public static ManifestScalarKind KindOfPlain(string text) => text switch
    {
        "" or "~" or "null" or "Null" or "NULL" => ManifestScalarKind.Null,
        "true" or "True" or "TRUE" or "false" or "False" or "FALSE" => ManifestScalarKind.Bool,
        _ => IsNumber(text) ? ManifestScalarKind.Number : ManifestScalarKind.PlainText,
    };

    private static bool IsNumber(ReadOnlySpan<char> text)
    {
        if (text.StartsWith("0x"))
            return text.Length > 2 && text[2..].IndexOfAnyExcept(HexDigits) < 0;
        if (text.StartsWith("0o"))
            return text.Length > 2 && text[2..].IndexOfAnyExceptInRange('0', '7') < 0;
        if (text is ".nan" or ".NaN" or ".NAN")
            return true;
        if (text[0] is '+' or '-')
            text = text[1..];
        if (text is ".inf" or ".Inf" or ".INF")
            return true;

        // ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?
        var digits = SkipDigits(ref text);
        if (text.Length > 0 && text[0] == '.')
        {
            text = text[1..];
            digits += SkipDigits(ref text);
        }

        if (digits == 0)
            return false;
        if (text.Length > 0 && text[0] is 'e' or 'E')
        {
            text = text[1..];
            if (text.Length > 0 && text[0] is '+' or '-')
                text = text[1..];
            if (SkipDigits(ref text) == 0)
                return false;
        }

        return text.IsEmpty;
    }

    private static int SkipDigits(ref ReadOnlySpan<char> text)
    {
        var end = text.IndexOfAnyExceptInRange('0', '9');
        var count = end < 0 ? text.Length : end;
        text = text[count..];
        return count;
    }
}
