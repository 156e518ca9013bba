using System.Text;

namespace Damon.Engine.Host;

/// <summary><c>/proc/PID/cgroup</c> (cgroups(7)): lines <c>id:controllers:path</c>; id 0 with no controllers is the v2 hierarchy.</summary>
/// <param name="UnifiedPath">Path in the v2 hierarchy; null where there is none.</param>
/// <param name="MemoryPath">Path in the v1 hierarchy of the memory controller; null where there is none.</param>
public readonly record struct ProcCgroup(string? UnifiedPath, string? MemoryPath)
{
    /// <summary>Reads the file; lines of another shape are passed over.</summary>
    /// <param name="content">The whole file.</param>
    public static ProcCgroup Parse(ReadOnlySpan<byte> content)
    {
        string? unified = null;
        string? memory = null;
        while (ProcText.TryTakeLine(ref content, out var line))
        {
            // The path may contain colons; only the first two separate.
            var first = line.IndexOf((byte)':');
            var second = first < 0 ? -1 : line[(first + 1)..].IndexOf((byte)':');
            if (second < 0 || !ProcText.TryParseNumber(line[..first], out var id))
            {
                continue;
            }

            var controllers = line.Slice(first + 1, second);
            var path = line[(first + second + 2)..];
            if (path.IsEmpty || path[0] != (byte)'/')
            {
                continue;
            }

            if (id == 0 && controllers.IsEmpty)
            {
                unified ??= Encoding.UTF8.GetString(path);
            }
            else if (Contains(controllers, "memory"u8))
            {
                memory ??= Encoding.UTF8.GetString(path);
            }
        }

        return new ProcCgroup(unified, memory);
    }

    private static bool Contains(ReadOnlySpan<byte> list, ReadOnlySpan<byte> name)
    {
        foreach (var part in list.Split((byte)','))
        {
            if (list[part].SequenceEqual(name))
            {
                return true;
            }
        }

        return false;
    }
}
