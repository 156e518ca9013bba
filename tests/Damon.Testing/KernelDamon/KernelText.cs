using System.Globalization;

namespace Damon.Testing.KernelDamon;

/// <summary>How the kernel reads the text of a write: as kstrtox.c and sysfs_streq do, which is neither trimmed nor forgiving.</summary>
internal static class KernelText
{
    /// <summary>An unsigned number in any of C's bases.</summary>
    public static (KernelErrno Errno, string Value) Unsigned(string text, ulong max)
    {
        var (errno, value) = Digits(WithoutSign(text, out var negative));
        return negative ? (KernelErrno.EINVAL, "") : errno != KernelErrno.None ? (errno, "") : value > max ? (KernelErrno.ERANGE, "") : (KernelErrno.None, $"{value}");
    }

    /// <summary>A signed 32-bit number in any of C's bases.</summary>
    public static (KernelErrno Errno, string Value) Signed(string text)
    {
        var (errno, value) = Digits(WithoutSign(text, out var negative));
        var max = negative ? 1UL << 31 : int.MaxValue;
        return errno != KernelErrno.None ? (errno, "") : value > max ? (KernelErrno.ERANGE, "") : (KernelErrno.None, $"{(negative ? -(long)value : (long)value)}");
    }

    /// <summary>A yes or no: only the first letters count.</summary>
    public static (KernelErrno Errno, string Value) Flag(string text) => text switch
    {
        ['y' or 'Y' or 't' or 'T' or '1', ..] or ['o' or 'O', 'n' or 'N', ..] => (KernelErrno.None, "Y"),
        ['n' or 'N' or 'f' or 'F' or '0', ..] or ['o' or 'O', 'f' or 'F', ..] => (KernelErrno.None, "N"),
        _ => (KernelErrno.EINVAL, ""),
    };

    /// <summary>One of some words.</summary>
    public static (KernelErrno Errno, string Value) Word(string text, IReadOnlyList<string> words)
    {
        var word = WithoutNewline(text);
        return words.Contains(word) ? (KernelErrno.None, word) : (KernelErrno.EINVAL, "");
    }

    /// <summary>The text less one newline at its end.</summary>
    public static string WithoutNewline(string text) => text.EndsWith('\n') ? text[..^1] : text;

    private static string WithoutSign(string text, out bool negative)
    {
        negative = text.StartsWith('-');
        return text is ['-' or '+', ..] ? text[1..] : text;
    }

    private static (KernelErrno Errno, ulong Value) Digits(string text)
    {
        var digits = WithoutNewline(text);
        var numberBase = 10;
        if (digits is ['0', 'x' or 'X', var first, ..] && char.IsAsciiHexDigit(first))
        {
            (numberBase, digits) = (16, digits[2..]);
        }
        else if (digits is ['0', _, ..])
        {
            (numberBase, digits) = (8, digits[1..]);
        }

        if (digits.Length == 0)
        {
            return (KernelErrno.EINVAL, 0);
        }

        UInt128 value = 0;
        foreach (var digit in digits)
        {
            var one = char.IsAsciiHexDigit(digit) ? int.Parse([digit], NumberStyles.HexNumber) : int.MaxValue;
            if (one >= numberBase)
            {
                return (KernelErrno.EINVAL, 0);
            }

            value = UInt128.Min((value * (uint)numberBase) + (uint)one, (UInt128)ulong.MaxValue + 1);
        }

        return value > ulong.MaxValue ? (KernelErrno.ERANGE, 0) : (KernelErrno.None, (ulong)value);
    }
}
