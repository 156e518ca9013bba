using Damon.Engine.Interop;

namespace Damon.Engine.Host;

/// <summary>Files of <c>/sys/kernel/mm/transparent_hugepage</c>.</summary>
public static class TransparentHugePages
{
    internal const string EnabledPath = "/sys/kernel/mm/transparent_hugepage/enabled";
    internal const string SizePath = "/sys/kernel/mm/transparent_hugepage/hpage_pmd_size";

    private const ulong DefaultSizeBytes = 2 * 1024 * 1024;
    private const ulong MaxSizeBytes = 1UL << 30;

    /// <summary>The size of a transparent huge page, in bytes; 2 MiB where the kernel does not say.</summary>
    /// <param name="host">The host.</param>
    public static ulong ReadSizeBytes(HostRoot host)
    {
        var reader = new HostReader(maxBytes: 4096);
        return host.Read(SizePath, reader).IsOk && CgroupValue.TryParse(reader.Content, out var size) && ulong.IsPow2(size) && size >= (ulong)Native.PageSizeBytes && size <= MaxSizeBytes
            ? size
            : DefaultSizeBytes;
    }

    /// <summary>Reads <c>enabled</c>, for example <c>always [madvise] never</c>.</summary>
    /// <param name="content">The whole file.</param>
    public static TransparentHugePageMode Parse(ReadOnlySpan<byte> content)
    {
        var open = content.IndexOf((byte)'[');
        var close = content.IndexOf((byte)']');
        if (open < 0 || close < open)
        {
            return TransparentHugePageMode.Unknown;
        }

        var chosen = content[(open + 1)..close];
        return chosen.SequenceEqual("always"u8) ? TransparentHugePageMode.Always
            : chosen.SequenceEqual("madvise"u8) ? TransparentHugePageMode.MAdvise
            : chosen.SequenceEqual("never"u8) ? TransparentHugePageMode.Never
            : TransparentHugePageMode.Unknown;
    }
}
