using Damon.Engine.Host;

namespace Damon.Engine.KernelDamon;

/// <summary>What an owner record is worth now.</summary>
internal static class OwnerRecords
{
    /// <summary>A record of an earlier run of the kernel is about nothing that there is.</summary>
    public static OwnerRecord? OfThisBoot(OwnerRecord? record, string bootId) => record is not null && bootId.Length > 0 && record.BootId == bootId ? record : null;

    /// <summary>Whether the owner may still run. What cannot be found out counts as yes.</summary>
    public static bool MayLive(HostRoot host, ProcessIdentity owner)
    {
        var watch = ProcessWatch.Open(host, owner);
        (watch.TryGet(out var opened) ? opened : null)?.Dispose();
        return watch.IsOk || watch.Error.Kind != HostErrorKind.Vanished;
    }

    /// <summary>This process as everybody else on the host sees it: the host's /proc knows by itself who asks.</summary>
    public static HostResult<ProcessIdentity> Self(HostRoot host)
    {
        var reader = new HostReader(maxBytes: 64 * 1024);
        var read = host.Read("/proc/self/stat", reader);
        return !read.IsOk ? read.Error
            : ProcStat.TryParse(reader.Content, out var stat) ? stat.Identity
            : new HostError(HostErrorKind.Malformed, "/proc/self/stat");
    }
}
