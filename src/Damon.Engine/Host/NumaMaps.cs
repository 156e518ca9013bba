namespace Damon.Engine.Host;

/// <summary>
/// <c>/proc/PID/numa_maps</c> (numa(7)): one line for each mapping with its memory policy, the mapping's own or else the task's. Lines name the start alone, so ends come from <c>/proc/PID/maps</c>.
/// </summary>
public static class NumaMaps
{
    /// <summary>Collects where the mappings begin whose policy binds them to nodes (<c>bind</c>, in any of its modes).</summary>
    /// <param name="content">The whole file.</param>
    /// <param name="starts">Is cleared, then filled with start addresses.</param>
    /// <returns>False where a line is not of the kernel's form: then nothing is known of what it was about.</returns>
    public static bool TryCollectBound(ReadOnlySpan<byte> content, ICollection<ulong> starts)
    {
        starts.Clear();
        while (ProcText.TryTakeLine(ref content, out var line))
        {
            if (!ProcText.TryTakeWord(ref line, out var address) || !ProcText.TryParseHex(address, out var start) || !ProcText.TryTakeWord(ref line, out var policy))
            {
                return false;
            }

            // "bind:0-1", "bind=static:0", "bind=relative:0"
            if (policy.StartsWith("bind"u8) && (policy.Length == 4 || policy[4] is (byte)':' or (byte)'='))
            {
                starts.Add(start);
            }
        }

        return true;
    }
}
