using System.Text;

namespace Damon.Api.Manifests;

/// <summary>
/// Reads YAML and JSON into nodes that know where they were written. It is strict where YAML is generous, because these files decide over memory of a running
/// system: what two readers could understand in two ways (a field twice, anchors, tags, merge keys, other YAML versions) is refused, and so is what only an
/// attacker would write (more than <see cref="MaxBytes"/>, deeper than <see cref="MaxDepth"/>, control characters).
/// </summary>
public static class ManifestReader
{
    /// <summary>The largest file, in bytes of UTF-8 (1 MiB; a Kubernetes object is no larger).</summary>
    public const int MaxBytes = 1024 * 1024;

    /// <summary>How deep mappings and lists may be nested.</summary>
    public const int MaxDepth = 32;

    /// <summary>Reads a file's bytes.</summary>
    /// <param name="fileName">
    /// The name shown in errors. Its ending decides the language: <c>.json</c>, <c>.yaml</c> or <c>.yml</c>; otherwise JSON where the text starts with
    /// <c>{</c>, else YAML.
    /// </param>
    /// <param name="utf8">The file, in UTF-8, with or without a byte-order mark.</param>
    /// <returns>The documents or the errors.</returns>
    public static ManifestReadResult Read(string fileName, ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > MaxBytes)
            return TooLarge(fileName);
        try
        {
            return Read(fileName, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(utf8));
        }
        catch (DecoderFallbackException e)
        {
            // Index counts bytes and is negative where a sequence began before the block at hand: the file is given in one block.
            var valid = utf8[..Math.Clamp(e.Index, 0, utf8.Length)];
            var line = valid.Count((byte)'\n') + 1;
            var column = Encoding.UTF8.GetCharCount(valid[(valid.LastIndexOf((byte)'\n') + 1)..]) + 1;
            return Failed(new(fileName, line, column), "the file is not UTF-8 text");
        }
    }

    /// <summary>Reads a file's text.</summary>
    /// <param name="fileName">The name shown in errors; see the other overload for what its ending decides.</param>
    /// <param name="text">The file.</param>
    /// <returns>The documents or the errors.</returns>
    public static ManifestReadResult Read(string fileName, string text)
    {
        if (text.Length > MaxBytes || Encoding.UTF8.GetByteCount(text) > MaxBytes)
            return TooLarge(fileName);
        if (text.StartsWith('\uFEFF'))
            text = text[1..];
        return Read(fileName, text, IsJson(fileName, text));
    }

    /// <summary>Reads a text that must be JSON, such as one that stands in a field.</summary>
    /// <param name="fileName">The name shown in errors.</param>
    /// <param name="text">The text.</param>
    internal static ManifestReadResult ReadJson(string fileName, string text) =>
        text.Length > MaxBytes || Encoding.UTF8.GetByteCount(text) > MaxBytes ? TooLarge(fileName) : Read(fileName, text, isJson: true);

    private static ManifestReadResult Read(string fileName, string text, bool isJson)
    {
        if (FindForbidden(fileName, text, isJson) is { } forbidden)
            return new([], [forbidden]);
        return isJson ? JsonManifest.Read(fileName, text) : YamlManifest.Read(text, mark => new(fileName, (int)mark.Line, (int)mark.Column));
    }

    private static bool IsJson(string fileName, string text)
    {
        if (fileName.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
            return true;
        if (fileName.EndsWith(".yaml", StringComparison.OrdinalIgnoreCase) || fileName.EndsWith(".yml", StringComparison.OrdinalIgnoreCase))
            return false;
        return text.AsSpan().TrimStart().StartsWith("{");
    }

    private static ManifestError? FindForbidden(string fileName, string text, bool isJson)
    {
        var (line, lineStart, indenting) = (1, 0, true);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            string? message = null;
            if (c == '\t' && indenting && !isJson && !IsBlankFrom(text, i))
                message = "a tab stands in the indentation; YAML is indented by spaces";
            else if (c is '\r' && (i + 1 == text.Length || text[i + 1] != '\n'))
                message = "a carriage return stands alone; end lines with a line feed";
            else if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
                i++;
            else if (char.IsSurrogate(c))
                message = "half of a character stands alone; write UTF-8 text";
            else if ((char.IsControl(c) && c is not ('\t' or '\n' or '\r')) || c is '\uFEFF' or '\uFFFE' or '\uFFFF' or '\u2028' or '\u2029')
                message = $"the character U+{(int)c:X4} is not allowed; write plain text";
            if (message is not null)
                return new(fileName, line, i - lineStart + 1, "", message);
            if (c == '\n')
                (line, lineStart, indenting) = (line + 1, i + 1, true);
            else if (c is not (' ' or '\t'))
                indenting = false;
        }

        return null;
    }

    private static bool IsBlankFrom(string text, int start)
    {
        for (var i = start; i < text.Length && text[i] is not ('\r' or '\n'); i++)
        {
            if (text[i] is not (' ' or '\t'))
                return false;
        }

        return true;
    }

    private static ManifestReadResult TooLarge(string fileName) => Failed(new(fileName, 0, 0), $"the file is larger than {MaxBytes / 1024 / 1024} MiB");

    private static ManifestReadResult Failed(ManifestLocation at, string message) => new([], [new(at.File, at.Line, at.Column, "", message)]);
}
