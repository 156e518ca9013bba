using Damon.Engine.Host;
using Damon.Lab.Guest.Running;

namespace Damon.Lab.Guest.Machine;

/// <summary>The machine is what it was promised to be: without that no other test says anything.</summary>
internal static class MachineTests
{
    private const ulong MiB = 1 << 20;
    private const string Nodes = "/sys/devices/system/node";

    private static readonly Func<LabMachine, string?> NeedsPromise = machine => machine.Promise is null ? "nothing was promised: started by hand, without --kernel" : null;

    public static IReadOnlyList<LabTest> All { get; } =
    [
        new(nameof(The_kernel_is_the_one_that_was_asked_for), LabSet.Smoke, The_kernel_is_the_one_that_was_asked_for) { SkipReason = NeedsPromise },
        new(nameof(There_are_two_nodes_and_only_the_first_has_processors), LabSet.Smoke, There_are_two_nodes_and_only_the_first_has_processors),
        new(nameof(The_second_node_is_in_a_slower_memory_tier), LabSet.Smoke, The_second_node_is_in_a_slower_memory_tier),
        new(nameof(Swap_is_compressed_memory_and_empty), LabSet.Smoke, Swap_is_compressed_memory_and_empty),
        new(nameof(Huge_pages_are_only_for_who_asks), LabSet.Smoke, Huge_pages_are_only_for_who_asks),
        new(nameof(Memory_is_accounted_in_control_groups_of_version_2), LabSet.Smoke, Memory_is_accounted_in_control_groups_of_version_2),
        new(nameof(There_are_two_pods_with_two_containers_each), LabSet.Smoke, There_are_two_pods_with_two_containers_each),
        new(nameof(Pressure_is_measured_for_the_machine_and_for_each_container), LabSet.Smoke, Pressure_is_measured_for_the_machine_and_for_each_container),
        new(nameof(Damon_has_its_sysfs_tree), LabSet.Smoke, Damon_has_its_sysfs_tree),
        new(nameof(Damon_stat_is_as_promised), LabSet.Smoke, Damon_stat_is_as_promised) { SkipReason = NeedsPromise },
        new(nameof(Damon_can_be_freed), LabSet.Smoke, Damon_can_be_freed),
        new(nameof(Idle_pages_are_tracked_only_where_promised), LabSet.Smoke, Idle_pages_are_tracked_only_where_promised) { SkipReason = NeedsPromise },
    ];

    private static Task The_kernel_is_the_one_that_was_asked_for(LabContext context)
    {
        Expect.Equal("the kernel's release", context.Machine.Promise!.Release, context.Machine.Facts.Kernel.Text);
        return Task.CompletedTask;
    }

    private static Task There_are_two_nodes_and_only_the_first_has_processors(LabContext context)
    {
        Expect.Sequence("memory nodes", [0, 1], context.Machine.Facts.NumaNodes);
        Expect.Equal("processors of node 0", "0-1", context.Read($"{Nodes}/node0/cpulist"));
        Expect.Equal("processors of node 1", "", context.Read($"{Nodes}/node1/cpulist"));
        foreach (var node in context.Machine.Facts.NumaNodes)
        {
            var reader = new HostReader();
            Expect.True($"meminfo of node {node} is read", context.Host.Read($"{Nodes}/node{node}/meminfo", reader).IsOk);
            Expect.True($"meminfo of node {node} is understood", NodeMeminfo.TryParse(reader.Content, out var memory));
            Expect.Between($"memory of node {node} in MiB", 850UL, 1024UL, memory.TotalBytes / MiB);
        }

        return Task.CompletedTask;
    }

    private static Task The_second_node_is_in_a_slower_memory_tier(LabContext context)
    {
        // A tier's number grows with the distance of its memory.
        Expect.True("node 1 is in a higher tier than node 0", TierOf(context, 0) < TierOf(context, 1));
        return Task.CompletedTask;
    }

    private static Task Swap_is_compressed_memory_and_empty(LabContext context)
    {
        var swap = context.Machine.Facts.Swaps;
        Expect.Sequence("swap devices", ["/dev/zram0"], swap.Select(device => device.Path));
        Expect.Between("size of the swap in MiB", 511UL, 512UL, swap[0].SizeBytes / MiB);
        Expect.True($"lz4 is chosen of {context.Read("/sys/block/zram0/comp_algorithm")}", context.Read("/sys/block/zram0/comp_algorithm").Contains("[lz4]", StringComparison.Ordinal));
        Expect.Equal("page-cluster", "0", context.Read("/proc/sys/vm/page-cluster"));
        return Task.CompletedTask;
    }

    private static Task Huge_pages_are_only_for_who_asks(LabContext context)
    {
        Expect.Equal("transparent huge pages", TransparentHugePageMode.MAdvise, context.Machine.Facts.HugePages);
        return Task.CompletedTask;
    }

    private static Task Memory_is_accounted_in_control_groups_of_version_2(LabContext context)
    {
        Expect.True($"memory is in version 2; the layout is {context.Machine.Facts.Cgroups}", context.Machine.Facts.Cgroups.MemoryIsV2);
        Expect.Equal("where the hierarchy is", "/sys/fs/cgroup", context.Machine.Facts.Cgroups.MemoryRoot);
        Expect.True("protection is passed on to what is below", context.Read("/proc/mounts").Contains("memory_recursiveprot", StringComparison.Ordinal));
        return Task.CompletedTask;
    }

    private static Task There_are_two_pods_with_two_containers_each(LabContext context)
    {
        Expect.Equal("pods", 2, LabContext.Pods.Count);
        Expect.Equal("containers", 4, LabContext.Containers.Count);
        foreach (var container in LabContext.Containers)
        {
            Expect.Equal($"memory of {container}", 0UL, context.MemoryStat(container).AnonBytes);
            Expect.Equal($"swap of {container}", 0UL, context.SwapBytes(container));
        }

        return Task.CompletedTask;
    }

    private static Task Pressure_is_measured_for_the_machine_and_for_each_container(LabContext context)
    {
        foreach (var file in (string[])["/proc/pressure/memory", "/proc/pressure/io", .. LabContext.Containers.Select(container => $"{container}/memory.pressure")])
        {
            var reader = new HostReader();
            Expect.True($"{file} is read", context.Host.Read(file, reader).IsOk);
            Expect.True($"{file} is understood", Pressure.TryParse(reader.Content, out _));
        }

        return Task.CompletedTask;
    }

    private static Task Damon_has_its_sysfs_tree(LabContext context)
    {
        Expect.True($"DAMON is there; the facts are: {context.Machine.Facts.Damon.Summary}", context.Machine.Facts.Damon.HasSysfs);
        Expect.Equal("kdamonds", "0", context.Read("/sys/kernel/mm/damon/admin/kdamonds/nr_kdamonds"));
        return Task.CompletedTask;
    }

    private static Task Damon_stat_is_as_promised(LabContext context)
    {
        var has = context.Machine.Promise!.Has;
        Expect.Equal("the module damon_stat is there", has.Contains(MachinePromise.DamonStat), context.Host.Exists("/sys/module/damon_stat"));
        Expect.Equal(
            "it runs from the start",
            has.Contains(MachinePromise.DamonStatOn),
            context.Host.ReadText("/sys/module/damon_stat/parameters/enabled").TryGet(out var enabled) && enabled == "Y");
        return Task.CompletedTask;
    }

    private static Task Damon_can_be_freed(LabContext context)
    {
        context.FreeDamon();

        Expect.Equal("who uses DAMON", Damon.Engine.Machine.DamonOwner.None, Damon.Engine.Machine.KernelDamonFacts.Read(context.Host).Owner);
        return Task.CompletedTask;
    }

    private static Task Idle_pages_are_tracked_only_where_promised(LabContext context)
    {
        Expect.Equal("the bitmap of idle pages is there", context.Machine.Promise!.Has.Contains(MachinePromise.IdlePage), context.Machine.Facts.HasIdlePageBitmap);
        return Task.CompletedTask;
    }

    private static int TierOf(LabContext context, int node)
    {
        const string Tiers = "/sys/devices/virtual/memory_tiering";
        const string Prefix = "memory_tier";
        var entries = new List<HostDirectoryEntry>();
        Expect.True($"{Tiers} is listed", context.Host.List(Tiers, entries).IsOk);
        foreach (var entry in entries.Where(entry => entry.Name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            if (context.Read($"{Tiers}/{entry.Name}/nodelist") == node.ToString())
                return int.Parse(entry.Name.AsSpan(Prefix.Length));
        }

        throw new ExpectationException($"node {node} has no tier of its own");
    }
}
