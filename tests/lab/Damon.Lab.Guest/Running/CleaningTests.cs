using Damon.Engine.Host;
using Damon.Engine.Machine;

namespace Damon.Lab.Guest.Running;

/// <summary>What a test leaves behind does not reach the next one.</summary>
internal static class CleaningTests
{
    private const string Kdamonds = "/sys/kernel/mm/damon/admin/kdamonds";

    public static IReadOnlyList<LabTest> All { get; } =
    [
        new(nameof(What_a_test_leaves_behind_is_undone), LabSet.Smoke, What_a_test_leaves_behind_is_undone),
    ];

    private static async Task What_a_test_leaves_behind_is_undone(LabContext context)
    {
        var before = KernelDamonFacts.Read(context.Host).Owner;
        var careless = new LabContext(context.Host, context.Machine, context.Time, context.Cancellation);
        var group = careless.CreateGroup("left-behind");
        careless.FreeDamon();
        var workload = await careless.StartWorkloadAsync("lab-hotcold", group, "--scale", "1/16");
        Watch(careless, workload.Id);
        Expect.Equal("who uses DAMON", DamonOwner.Sysfs, KernelDamonFacts.Read(context.Host).Owner);

        await careless.CleanUpAsync();

        Expect.Equal("who uses DAMON", before, KernelDamonFacts.Read(context.Host).Owner);
        Expect.Equal("kdamonds", "0", context.Read($"{Kdamonds}/nr_kdamonds"));
        Expect.Equal("the control group is there", expected: false, context.Host.Exists(group));
        Expect.Equal("the workload runs", HostErrorKind.Vanished, ProcessTree.Identify(context.Host, workload.Id).Error.Kind);
    }

    /// <summary>Starts a kdamond that watches a process.</summary>
    private static void Watch(LabContext context, int processId)
    {
        context.Write($"{Kdamonds}/nr_kdamonds", "1");
        context.Write($"{Kdamonds}/0/contexts/nr_contexts", "1");
        context.Write($"{Kdamonds}/0/contexts/0/operations", "vaddr");
        context.Write($"{Kdamonds}/0/contexts/0/targets/nr_targets", "1");
        context.Write($"{Kdamonds}/0/contexts/0/targets/0/pid_target", processId.ToString());
        context.Write($"{Kdamonds}/0/state", "on");
        Expect.Equal("state of the kdamond", "on", context.Read($"{Kdamonds}/0/state"));
    }
}
