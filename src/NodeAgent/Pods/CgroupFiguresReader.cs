using Damon.Engine.Host;

namespace Damon.NodeAgent.Pods;

/// <summary>Reads what control groups say of their memory, when asked: eight small files. Nothing is kept between calls.</summary>
/// <param name="host">The host.</param>
internal sealed class CgroupFiguresReader(HostRoot host)
{
    private readonly HostReader _reader = new(maxBytes: 256 * 1024);

    private delegate bool Parser<T>(ReadOnlySpan<byte> content, out T value);

    /// <summary>Reads all figures of a group.</summary>
    /// <param name="cgroup">The group, a container's or a pod's.</param>
    /// <returns>The figures of that very group; <see cref="HostErrorKind.Unsupported"/> where memory is not accounted by version 2's rules, <see cref="HostErrorKind.Vanished"/> where it is
    /// gone or another one bears its name.</returns>
    public HostResult<CgroupFigures> Read(in CgroupIdentity cgroup)
    {
        if (!cgroup.HasFigures)
        {
            return new HostError(HostErrorKind.Unsupported, cgroup.Directory, "memory is not accounted in control groups of version 2 here");
        }

        var directory = cgroup.Directory;
        var figures = new CgroupFigures(
            Read<ulong>(directory + "/memory.current", CgroupValue.TryParse),
            Read<ulong>(directory + "/memory.min", CgroupValue.TryParse),
            Read<ulong>(directory + "/memory.low", CgroupValue.TryParse),
            Read<ulong>(directory + "/memory.swap.current", CgroupValue.TryParse),
            Read<ulong>(directory + "/memory.events", TryParseOomKills),
            Read<CgroupMemoryStat>(directory + "/memory.stat", CgroupMemoryStat.TryParse),
            Read<Pressure>(directory + "/memory.pressure", Pressure.TryParse),
            Read<Pressure>(directory + "/io.pressure", Pressure.TryParse));

        // Asked after reading, not before: an inode of a control group is never used again, so while the name still leads to it all that was read by that name was its own.
        var identity = host.Identify(directory);
        return !identity.IsOk ? identity.Error
            : identity.Value == cgroup.File ? figures
            : new HostError(HostErrorKind.Vanished, directory, "another control group has this name now");
    }

    private static bool TryParseOomKills(ReadOnlySpan<byte> content, out ulong kills) => FlatKeyed.TryGet(content, "oom_kill"u8, out kills);

    private HostResult<T> Read<T>(string path, Parser<T> parse)
    {
        var read = host.Read(path, _reader);
        return !read.IsOk ? read.Error
            : parse(_reader.Content, out var value) ? value
            : new HostError(HostErrorKind.Malformed, path, "not what the kernel writes there");
    }
}
