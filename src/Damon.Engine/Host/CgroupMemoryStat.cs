namespace Damon.Engine.Host;

/// <summary>A cgroup's <c>memory.stat</c>, in bytes and events; what the kernel does not write is 0. The names are v2's; v1's are mapped where they mean the same.</summary>
/// <param name="AnonBytes">Anonymous memory.</param>
/// <param name="FileBytes">File cache, shared memory included.</param>
/// <param name="ShmemBytes">Shared memory.</param>
/// <param name="InactiveAnonBytes">Anonymous, inactive.</param>
/// <param name="ActiveAnonBytes">Anonymous, active.</param>
/// <param name="InactiveFileBytes">File, inactive.</param>
/// <param name="ActiveFileBytes">File, active.</param>
/// <param name="RefaultsAnon">Anonymous pages read back soon after they had been reclaimed.</param>
/// <param name="RefaultsFile">The same for file pages.</param>
/// <param name="MajorFaults">Faults that had to wait for a disk.</param>
/// <param name="HasRefaults">Whether the kernel counts refaults per cgroup at all.</param>
public readonly record struct CgroupMemoryStat(
    ulong AnonBytes,
    ulong FileBytes,
    ulong ShmemBytes,
    ulong InactiveAnonBytes,
    ulong ActiveAnonBytes,
    ulong InactiveFileBytes,
    ulong ActiveFileBytes,
    ulong RefaultsAnon,
    ulong RefaultsFile,
    ulong MajorFaults,
    bool HasRefaults)
{
    /// <summary>Reads the file.</summary>
    /// <param name="content">The whole file.</param>
    /// <param name="stat">What it says.</param>
    /// <returns>False where neither v2's nor v1's names are in it.</returns>
    public static bool TryParse(ReadOnlySpan<byte> content, out CgroupMemoryStat stat)
    {
        // v1 counts a cgroup's own pages under the plain names and the subtree under total_; v2 always means the subtree.
        var v1 = FlatKeyed.TryGet(content, "total_rss"u8, out var anon);
        stat = default;
        if (!v1 && !FlatKeyed.TryGet(content, "anon"u8, out anon))
        {
            return false;
        }

        var hasAnonRefaults = FlatKeyed.TryGet(content, v1 ? "total_workingset_refault_anon"u8 : "workingset_refault_anon"u8, out var refaultsAnon);
        var hasFileRefaults = FlatKeyed.TryGet(content, v1 ? "total_workingset_refault_file"u8 : "workingset_refault_file"u8, out var refaultsFile);
        stat = new CgroupMemoryStat(
            anon,
            Get(content, v1 ? "total_cache"u8 : "file"u8),
            Get(content, v1 ? "total_shmem"u8 : "shmem"u8),
            Get(content, v1 ? "total_inactive_anon"u8 : "inactive_anon"u8),
            Get(content, v1 ? "total_active_anon"u8 : "active_anon"u8),
            Get(content, v1 ? "total_inactive_file"u8 : "inactive_file"u8),
            Get(content, v1 ? "total_active_file"u8 : "active_file"u8),
            refaultsAnon,
            refaultsFile,
            Get(content, v1 ? "total_pgmajfault"u8 : "pgmajfault"u8),
            hasAnonRefaults && hasFileRefaults);
        return true;
    }

    private static ulong Get(ReadOnlySpan<byte> content, ReadOnlySpan<byte> key) => FlatKeyed.TryGet(content, key, out var value) ? value : 0;
}
