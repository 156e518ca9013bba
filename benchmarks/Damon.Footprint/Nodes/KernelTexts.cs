using System.Text;

namespace Damon.Footprint.Nodes;

/// <summary>Files of a calm machine and of calm control groups, as long as those of a current kernel: what is read and parsed is a part of what an agent costs.</summary>
internal static class KernelTexts
{
    public const string Pressure = "some avg10=0.00 avg60=0.00 avg300=0.00 total=123456\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=65432\n";
    public const string Events = "low 0\nhigh 0\nmax 0\noom 0\noom_kill 0\noom_group_kill 0\n";
    public const string Mounts = "proc /proc proc rw,nosuid,nodev,noexec,relatime 0 0\nsysfs /sys sysfs rw,nosuid,nodev,noexec,relatime 0 0\ncgroup2 /sys/fs/cgroup cgroup2 rw,nosuid,nodev,noexec,relatime,nsdelegate,memory_recursiveprot 0 0\n";

    private static readonly string[] MemoryFields =
    [
        "MemTotal", "MemFree", "MemAvailable", "Buffers", "Cached", "SwapCached", "Active", "Inactive", "Active(anon)", "Inactive(anon)", "Active(file)", "Inactive(file)", "Unevictable", "Mlocked", "SwapTotal",
        "SwapFree", "Zswap", "Zswapped", "Dirty", "Writeback", "AnonPages", "Mapped", "Shmem", "KReclaimable", "Slab", "SReclaimable", "SUnreclaim", "KernelStack", "PageTables", "SecPageTables", "NFS_Unstable",
        "Bounce", "WritebackTmp", "CommitLimit", "Committed_AS", "VmallocTotal", "VmallocUsed", "VmallocChunk", "Percpu", "HardwareCorrupted", "AnonHugePages", "ShmemHugePages", "ShmemPmdMapped", "FileHugePages",
        "FilePmdMapped", "Hugetlb", "DirectMap4k", "DirectMap2M", "DirectMap1G",
    ];

    private static readonly string[] GroupFields =
    [
        "anon", "file", "kernel", "kernel_stack", "pagetables", "sec_pagetables", "percpu", "sock", "vmalloc", "shmem", "zswap", "zswapped", "file_mapped", "file_dirty", "file_writeback", "swapcached", "anon_thp",
        "file_thp", "shmem_thp", "inactive_anon", "active_anon", "inactive_file", "active_file", "unevictable", "slab_reclaimable", "slab_unreclaimable", "slab", "workingset_refault_anon", "workingset_refault_file",
        "workingset_activate_anon", "workingset_activate_file", "workingset_restore_anon", "workingset_restore_file", "workingset_nodereclaim", "pswpin", "pswpout", "pgscan", "pgsteal", "pgscan_kswapd",
        "pgscan_direct", "pgscan_khugepaged", "pgscan_proactive", "pgsteal_kswapd", "pgsteal_direct", "pgsteal_khugepaged", "pgsteal_proactive", "pgfault", "pgmajfault", "pgrefill", "pgactivate", "pgdeactivate",
        "pglazyfree", "pglazyfreed", "swpin_zero", "swpout_zero", "zswpin", "zswpout", "zswpwb", "thp_fault_alloc", "thp_collapse_alloc", "thp_swpout", "thp_swpout_fallback",
    ];

    /// <summary>/proc/meminfo of a machine with 32 GiB and unused swap.</summary>
    public static string Meminfo() => Lines(MemoryFields, (text, field) => text.Append($"{field + ":",-16} {MemoryOf(field),8} kB\n"));

    /// <summary>memory.stat of a group.</summary>
    /// <param name="anonBytes">Its anonymous memory.</param>
    /// <param name="fileBytes">Its page cache.</param>
    public static string MemoryStat(ulong anonBytes, ulong fileBytes) =>
        Lines(GroupFields, (text, field) => text.Append($"{field} {field switch { "anon" or "inactive_anon" => anonBytes, "file" or "active_file" => fileBytes, _ => 0 }}\n"));

    /// <summary>/proc/vmstat, whose some 190 lines are read for one of them.</summary>
    public static string Vmstat()
    {
        var text = new StringBuilder("nr_free_pages 4000000\n");
        for (var i = 0; i < 100; i++)
        {
            text.Append($"nr_field_of_zones_{i} {i * 1000}\n");
        }

        text.Append("pswpin 0\npswpout 0\n");
        for (var i = 0; i < 90; i++)
        {
            text.Append($"event_field_{i} {i * 100_000}\n");
        }

        return text.ToString();
    }

    /// <summary>/proc/zoneinfo of two memory nodes.</summary>
    public static string Zoneinfo() => string.Concat(Enumerable.Range(0, 2).Select(node => $"Node {node}, zone   Normal\n  pages free     1000000\n        boost    0\n        min      10000\n        low      12000\n        high     14000\n"));

    private static ulong MemoryOf(string field) => field switch
    {
        "MemTotal" => 32UL << 20,
        "MemFree" => 8UL << 20,
        "MemAvailable" => 12UL << 20,
        "SwapTotal" or "SwapFree" => 8UL << 20,
        _ => 123_456,
    };

    private static string Lines(string[] fields, Action<StringBuilder, string> append)
    {
        var text = new StringBuilder();
        foreach (var field in fields)
        {
            append(text, field);
        }

        return text.ToString();
    }
}
