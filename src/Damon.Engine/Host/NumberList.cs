using System.Globalization;

namespace Damon.Engine.Host;

/// <summary>The kernel's list format, <c>0-2,5</c>, for nodes and CPUs.</summary>
public static class NumberList
{
    /// <summary>Above any node or CPU number of a kernel; keeps a hostile list from filling memory.</summary>
    private const int Bound = 65_536;

    /// <summary>Reads such a list.</summary>
    /// <param name="text">The text, without its newline; empty for no number.</param>
    /// <param name="numbers">The numbers, ascending; empty where it is no list.</param>
    /// <returns>False where it is not of the kernel's form: descending, overlapping, or a number from 65,536.</returns>
    public static bool TryParse(string text, out IReadOnlyList<int> numbers)
    {
        var found = new List<int>();
        numbers = found;
        foreach (var part in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var dash = part.IndexOf('-', StringComparison.Ordinal);
            if (!TryParseOne(dash < 0 ? part : part[..dash], out var first) || !TryParseOne(dash < 0 ? part : part[(dash + 1)..], out var last) || last < first
                || (found.Count > 0 && first <= found[^1]))
            {
                numbers = [];
                return false;
            }

            for (var number = first; number <= last; number++)
            {
                found.Add(number);
            }
        }

        return true;
    }

    private static bool TryParseOne(string text, out int number) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number < Bound;
}
