namespace Damon.Engine.Host;

/// <summary>Files of lines "key number": memory.stat, memory.events, cpu.stat, /proc/vmstat.</summary>
public static class FlatKeyed
{
    /// <summary>Finds one key.</summary>
    /// <param name="content">The whole file.</param>
    /// <param name="key">The key.</param>
    /// <param name="value">Its number.</param>
    /// <returns>False where the key is not there or has no number.</returns>
    public static bool TryGet(ReadOnlySpan<byte> content, ReadOnlySpan<byte> key, out ulong value)
    {
        while (ProcText.TryTakeLine(ref content, out var line))
        {
            if (line.Length > key.Length && line[key.Length] == (byte)' ' && line.StartsWith(key))
            {
                line = line[key.Length..];
                if (ProcText.TryTakeWord(ref line, out var word) && ProcText.TryParseNumber(word, out value))
                {
                    return true;
                }
            }
        }

        value = 0;
        return false;
    }
}
