namespace Damon.Engine.Host;

/// <summary>
/// Pressure stall information: <c>/proc/pressure/memory</c>, a cgroup's <c>memory.pressure</c>, and the same for io and cpu (kernel documentation, accounting/psi).
/// A kernel that has it built in and switched off gives <see cref="HostErrorKind.Unsupported"/> on reading, one without it <see cref="HostErrorKind.Vanished"/> on opening.
/// </summary>
/// <param name="Some">At least one task waited.</param>
/// <param name="Full">All tasks waited at once; zero where the kernel writes no such line.</param>
public readonly record struct Pressure(PressureLine Some, PressureLine Full)
{
    /// <summary>Reads such a file.</summary>
    /// <param name="content">The whole file.</param>
    /// <param name="pressure">What it says.</param>
    /// <returns>False where the "some" line is missing or a known line is of another shape.</returns>
    public static bool TryParse(ReadOnlySpan<byte> content, out Pressure pressure)
    {
        pressure = default;
        PressureLine some = default, full = default;
        var hasSome = false;
        while (ProcText.TryTakeLine(ref content, out var line))
        {
            _ = ProcText.TryTakeWord(ref line, out var kind);
            if (kind.SequenceEqual("some"u8))
            {
                hasSome = TryParseLine(line, out some);
                if (!hasSome)
                {
                    return false;
                }
            }
            else if (kind.SequenceEqual("full"u8) && !TryParseLine(line, out full))
            {
                return false;
            }
        }

        pressure = hasSome ? new Pressure(some, full) : default;
        return hasSome;
    }

    private static bool TryParseLine(ReadOnlySpan<byte> words, out PressureLine line)
    {
        line = default;
        double average10 = 0, average60 = 0, average300 = 0;
        ulong total = 0;
        var found = 0;
        while (ProcText.TryTakeWord(ref words, out var word))
        {
            var ok = true;
            if (word.StartsWith("avg10="u8))
            {
                ok = TryParsePercent(word[6..], out average10);
                found |= 1;
            }
            else if (word.StartsWith("avg60="u8))
            {
                ok = TryParsePercent(word[6..], out average60);
                found |= 2;
            }
            else if (word.StartsWith("avg300="u8))
            {
                ok = TryParsePercent(word[7..], out average300);
                found |= 4;
            }
            else if (word.StartsWith("total="u8))
            {
                ok = ProcText.TryParseNumber(word[6..], out total);
                found |= 8;
            }

            if (!ok)
            {
                return false;
            }
        }

        line = new PressureLine(average10, average60, average300, total);
        return found == 15;
    }

    /// <summary>"12.34"; anything that is not within 0–100 is refused, and with it exponents, signs and NaN.</summary>
    private static bool TryParsePercent(ReadOnlySpan<byte> word, out double percent)
    {
        percent = 0;
        var point = word.IndexOf((byte)'.');
        if (point < 0 || word.Length - point - 1 != 2
            || !ProcText.TryParseNumber(word[..point], out var whole) || !ProcText.TryParseNumber(word[(point + 1)..], out var hundredths)
            || whole > 100 || (whole == 100 && hundredths != 0))
        {
            return false;
        }

        percent = whole + (hundredths / 100.0);
        return true;
    }
}
