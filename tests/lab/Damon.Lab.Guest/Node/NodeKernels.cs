using Damon.Lab.Guest.Running;

namespace Damon.Lab.Guest.Node;

/// <summary>What kernels can and cannot of what a node's schemes need.</summary>
internal static class NodeKernels
{
    /// <summary>How many kdamonds there are.</summary>
    public const string Kdamonds = "/sys/kernel/mm/damon/admin/kdamonds/nr_kdamonds";

    /// <summary>Whether the module damon_stat is on, as its file says; nothing where the kernel has none.</summary>
    public static string DamonStat(LabContext context) => context.Host.ReadText("/sys/module/damon_stat/parameters/enabled").TryGet(out var enabled) ? enabled.Trim() : "";

    /// <summary>The first kernel whose schemes can end by themselves is Linux 7.0.</summary>
    public static string? ThatCannotAct(LabMachine machine) => CanAct(machine) ? null : "its DAMON cannot end a scheme by itself, so it is not asked to act";

    public static string? ThatCanAct(LabMachine machine) => CanAct(machine) ? "its DAMON can end a scheme by itself" : null;

    /// <summary>
    /// Where generations of pages are kept (lru_gen), what is sorted down is in the second youngest, which counts as active as the youngest does; with an active and an inactive list it is seen.
    /// </summary>
    public static void UseTwoLists(LabContext context)
    {
        if (context.Host.Exists("/sys/kernel/mm/lru_gen/enabled"))
            context.Set("/sys/kernel/mm/lru_gen/enabled", "0");
    }

    private static bool CanAct(LabMachine machine) => machine.Facts.Kernel.Major >= 7;
}
