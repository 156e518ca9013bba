using System.Globalization;
using System.Text;

namespace Damon.Engine.Host;

/// <summary>
/// A v2 control group's <c>memory.numa_stat</c>: lines such as <c>anon N0=4096 N1=0</c>, in bytes, descendants included (kernel documentation, admin-guide/cgroup-v2).
/// The file of v1 counts in pages under other names and is refused.
/// </summary>
public static class CgroupNumaStat
{
    /// <summary>Finds what a control group uses on one node: its anonymous and its file memory there.</summary>
    /// <param name="content">The whole file.</param>
    /// <param name="node">The node's number.</param>
    /// <param name="usedBytes">What was found; <see cref="ulong.MaxValue"/> stands for all that is more.</param>
    /// <returns>False where one of the two lines is missing or does not name the node.</returns>
    public static bool TryGetUsed(ReadOnlySpan<byte> content, int node, out ulong usedBytes)
    {
        usedBytes = 0;
        Span<byte> key = stackalloc byte[16];
        if (!Encoding.UTF8.TryGetBytes(string.Create(CultureInfo.InvariantCulture, $"N{node}="), key, out var length))
        {
            return false;
        }

        key = key[..length];
        ulong anon = 0, file = 0;
        var needed = 0;
        while (ProcText.TryTakeLine(ref content, out var line))
        {
            if (!ProcText.TryTakeWord(ref line, out var name))
            {
                continue;
            }

            if (name.SequenceEqual("anon"u8) && TryGet(line, key, out anon))
            {
                needed |= 1;
            }
            else if (name.SequenceEqual("file"u8) && TryGet(line, key, out file))
            {
                needed |= 2;
            }
        }

        if (needed != 3)
        {
            return false;
        }

        usedBytes = anon > ulong.MaxValue - file ? ulong.MaxValue : anon + file;
        return true;
    }

    private static bool TryGet(ReadOnlySpan<byte> words, ReadOnlySpan<byte> key, out ulong bytes)
    {
        while (ProcText.TryTakeWord(ref words, out var word))
        {
            if (word.StartsWith(key))
            {
                return ProcText.TryParseNumber(word[key.Length..], out bytes);
            }
        }

        bytes = 0;
        return false;
    }
}
