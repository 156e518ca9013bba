namespace Damon.Engine.Host;

/// <summary>Files of one number, or "max" for no limit: memory.current, memory.max, memory.low, memory.swap.current …</summary>
public static class CgroupValue
{
    /// <summary>What "max" reads as.</summary>
    public const ulong Max = ulong.MaxValue;

    /// <summary>Reads such a file.</summary>
    /// <param name="content">The whole file.</param>
    /// <param name="value">The number, <see cref="Max"/> for "max".</param>
    /// <returns>False where there is anything else in it.</returns>
    public static bool TryParse(ReadOnlySpan<byte> content, out ulong value)
    {
        content = content.TrimEnd((byte)'\n');
        if (content.SequenceEqual("max"u8))
        {
            value = Max;
            return true;
        }

        return ProcText.TryParseNumber(content, out value);
    }
}
