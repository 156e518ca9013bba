namespace Damon.Engine.Host;

/// <summary><c>/proc/PID/smaps_rollup</c>: the sums over all mappings. Sizes are bytes.</summary>
/// <param name="RssBytes">In memory.</param>
/// <param name="PssBytes">In memory, shared pages divided by their users.</param>
/// <param name="ReferencedBytes">Accessed since the accessed bits were last cleared.</param>
/// <param name="AnonymousBytes">Without a file behind it.</param>
/// <param name="SwapBytes">In swap.</param>
/// <param name="AnonHugePagesBytes">In transparent huge pages.</param>
/// <param name="LockedBytes">Locked in memory.</param>
public readonly record struct ProcSmapsRollup(
    ulong RssBytes, ulong PssBytes, ulong ReferencedBytes, ulong AnonymousBytes, ulong SwapBytes, ulong AnonHugePagesBytes, ulong LockedBytes)
{
    /// <summary>Reads the file.</summary>
    /// <param name="content">The whole file; empty for a process without memory of its own.</param>
    /// <param name="rollup">What it says.</param>
    /// <returns>False where the one entry is missing or cut short.</returns>
    public static bool TryParse(ReadOnlySpan<byte> content, out ProcSmapsRollup rollup)
    {
        rollup = default;
        var entries = ProcSmaps.Enumerate(content);
        if (!entries.MoveNext() || !entries.Current.IsComplete)
        {
            return false;
        }

        var entry = entries.Current;
        rollup = new ProcSmapsRollup(
            entry.RssBytes, entry.PssBytes, entry.ReferencedBytes, entry.AnonymousBytes, entry.SwapBytes, entry.AnonHugePagesBytes, entry.LockedBytes);
        return true;
    }
}
