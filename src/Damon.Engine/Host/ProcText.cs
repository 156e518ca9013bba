using System.Buffers.Text;

namespace Damon.Engine.Host;

/// <summary>The few words that text files of the kernel are made of. Each takes its word off the front; none throws, whatever the bytes.</summary>
internal static class ProcText
{
    /// <summary>Takes the next line, without its newline.</summary>
    /// <returns>False when nothing is left.</returns>
    public static bool TryTakeLine(scoped ref ReadOnlySpan<byte> text, out ReadOnlySpan<byte> line)
    {
        if (text.IsEmpty)
        {
            line = default;
            return false;
        }

        var end = text.IndexOf((byte)'\n');
        if (end < 0)
        {
            line = text;
            text = default;
        }
        else
        {
            line = text[..end];
            text = text[(end + 1)..];
        }

        return true;
    }

    /// <summary>Takes the next word, whatever white space is in front of it.</summary>
    /// <returns>False when no word is left.</returns>
    public static bool TryTakeWord(scoped ref ReadOnlySpan<byte> text, out ReadOnlySpan<byte> word)
    {
        text = SkipSpace(text);
        var end = text.IndexOfAny((byte)' ', (byte)'\t', (byte)'\n');
        word = end < 0 ? text : text[..end];
        text = text[word.Length..];
        return !word.IsEmpty;
    }

    public static ReadOnlySpan<byte> SkipSpace(ReadOnlySpan<byte> text) => text.TrimStart(" \t"u8);

    /// <summary>The whole word as a number; false for a sign, a rest, or more than 64 bits.</summary>
    public static bool TryParseNumber(ReadOnlySpan<byte> word, out ulong value) => TryParse(word, 'D', out value);

    /// <summary>The whole word as a hexadecimal number, without 0x.</summary>
    public static bool TryParseHex(ReadOnlySpan<byte> word, out ulong value) => TryParse(word, 'x', out value);

    /// <summary>The whole word as a process id: positive and within the kernel's type.</summary>
    public static bool TryParsePid(ReadOnlySpan<byte> word, out int pid)
    {
        var ok = TryParseNumber(word, out var value) && value is > 0 and <= int.MaxValue;
        pid = ok ? (int)value : 0;
        return ok;
    }

    /// <summary>"12 kB" as bytes; false without the unit, so that a line cut off in its number is refused.</summary>
    public static bool TryParseKilobytes(ReadOnlySpan<byte> text, out ulong bytes)
    {
        bytes = 0;
        if (!TryTakeWord(ref text, out var number) || !TryTakeWord(ref text, out var unit) || !unit.SequenceEqual("kB"u8)
            || !TryParseNumber(number, out var kilobytes) || kilobytes > ulong.MaxValue / 1024)
        {
            return false;
        }

        bytes = kilobytes * 1024;
        return true;
    }

    /// <summary>Splits "Name:   value".</summary>
    public static bool TrySplitField(ReadOnlySpan<byte> line, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        var colon = line.IndexOf((byte)':');
        name = colon < 0 ? default : line[..colon];
        value = colon < 0 ? default : SkipSpace(line[(colon + 1)..]);
        return colon > 0;
    }

    private static bool TryParse(ReadOnlySpan<byte> word, char format, out ulong value)
    {
        // The parser would also take a sign; the kernel never writes one here.
        if (!word.IsEmpty && word[0] is not ((byte)'+' or (byte)'-') && Utf8Parser.TryParse(word, out value, out var used, format) && used == word.Length)
        {
            return true;
        }

        value = 0;
        return false;
    }
}
