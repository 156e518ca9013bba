using Damon.Engine.Host;
using Damon.Engine.KernelDamon;
using Damon.Engine.Machine;
using Damon.Engine.Schemes;

namespace Damon.Cli.Doctor;

/// <summary>What a machine's facts mean for this product. Pure: the same facts give the same diagnosis.</summary>
internal sealed class Diagnosis
{
    public Diagnosis(MachineFacts facts, KernelCapabilities kernel)
    {
        Facts = facts;
        Kernel = kernel;
        Backends = [.. Enum.GetValues<MonitoringBackend>().Select(facts.Backend)];
        Actions = [.. Enum.GetValues<SchemeAction>().Select(facts.Action)];
        Auto = BackendChoice.Choose(facts, RequestedBackend.Auto);
        Findings = [.. Find(facts)];
    }

    public MachineFacts Facts { get; }

    /// <summary>What the kernel's DAMON can be asked for.</summary>
    public KernelCapabilities Kernel { get; }

    public IReadOnlyList<BackendCapability> Backends { get; }

    public IReadOnlyList<ActionCapability> Actions { get; }

    /// <summary>What <c>backend: Auto</c> comes to.</summary>
    public BackendChoice Auto { get; }

    public IReadOnlyList<Finding> Findings { get; }

    /// <summary>Memory could not be read: nothing is known of swap then, which is not the same as having none.</summary>
    public bool IsMemoryKnown => Facts.Memory.TotalBytes > 0;

    public bool HasNoSwap => IsMemoryKnown && Facts.Memory.SwapTotalBytes == 0 && Facts.Swaps.Count == 0;

    /// <summary>What to do where <c>Auto</c> takes nothing; empty where it takes something.</summary>
    public string AutoHint => Auto.Backend is not null
        ? ""
        : Facts.Backend(MonitoringBackend.Referenced).IsAvailable
            ? "Referenced works here where it is named: backend: Referenced in the scheme, or damonctl run --backend Referenced. What it costs: it sees mappings, not pages; it clears the accessed bits "
              + "that the kernel's own reclaim goes by; and each look holds the process's memory lock, about 12 ms for each GiB."
            : "No other backend works here either; the reasons above say what is missing.";

    /// <summary>Who uses the kernel's DAMON, in words.</summary>
    public string DamonUse
    {
        get
        {
            var damon = Facts.Damon;
            if (ModuleOf(damon.Owner) is { } module)
            {
                return $"in use by the kernel module {module}";
            }

            if (IsOurs(damon.Owner))
            {
                return $"an agent of ours has it, or has left it: process {damon.OwnerPid}";
            }

            if (damon.Kdamonds.Count > 0)
            {
                return string.Join("; ", damon.Kdamonds.Select(Describe));
            }

            return damon.HasSysfs ? "in the kernel, and nobody uses it" : "the kernel has no DAMON sysfs interface";
        }
    }

    /// <summary>Of an owner that is a module; nothing for other owners.</summary>
    public static string? ModuleOf(DamonOwner owner) => owner switch
    {
        DamonOwner.ModuleStat => "damon_stat",
        DamonOwner.ModuleReclaim => "damon_reclaim",
        DamonOwner.ModuleLruSort => "damon_lru_sort",
        _ => null,
    };

    private static bool IsOurs(DamonOwner owner) => owner is DamonOwner.ThisProcess or DamonOwner.OwnAgent or DamonOwner.Predecessor;

    private static IEnumerable<Finding> Find(MachineFacts facts)
    {
        if (facts.Memory.TotalBytes == 0)
        {
            yield return new Finding("MemoryUnknown", "/proc/meminfo could not be read, so nothing is known of memory and swap.", "");
        }
        else if (facts.Memory.SwapTotalBytes == 0 && facts.Swaps.Count == 0)
        {
            yield return new Finding(
                "NoSwap",
                "There is no swap: anonymous memory (heaps, stacks) cannot leave, so Pageout reaches pages of files only.",
                "Add swap, for example a zram device; a container's memory.swap.max must allow it too.");
        }

        if (!facts.HasMemoryPressure)
        {
            yield return new Finding(
                "NoMemoryPressure",
                "/proc/pressure/memory gives nothing: whether acting hurts cannot be measured here, so there is no safe way to act.",
                "Boot with psi=1; the kernel needs CONFIG_PSI=y.");
        }

        if (!facts.Cgroups.MemoryIsV2)
        {
            yield return CgroupFinding(facts.Cgroups);
        }

        if (facts.Damon.Owner != DamonOwner.None && !IsOurs(facts.Damon.Owner))
        {
            yield return DamonFinding(facts.Damon);
        }
    }

    private static Finding CgroupFinding(in CgroupLayout cgroups) => cgroups switch
    {
        { Version: CgroupVersion.None } => new Finding(
            "NoCgroups", "No cgroups are mounted: single processes can be watched, containers cannot.", "Mount the cgroup v2 hierarchy at /sys/fs/cgroup."),
        { MemoryRoot.Length: 0 } => new Finding(
            "NoMemoryController", "Cgroups account no memory here: what an action did to a container cannot be measured.", "Boot with cgroup_enable=memory."),
        _ => new Finding(
            "MemoryInCgroupV1",
            "Memory is accounted in cgroup v1, which has no pressure file per container: whether acting on one hurts it cannot be measured.",
            "Boot with systemd.unified_cgroup_hierarchy=1 (cgroup v2 alone)."),
    };

    private static Finding DamonFinding(KernelDamonFacts damon)
    {
        const string Effect = " It clears accessed bits too: beside it, Referenced and it each miss accesses that the other has cleared.";
        return ModuleOf(damon.Owner) is { } module
            ? new Finding("DamonInUse", $"The kernel module {module} uses DAMON.{Effect}", $"If nobody needs what it does: allow it in the cluster config (exclusiveModules), and agents switch it off for as long as they run; or write N to /sys/module/{module}/parameters/enabled.")
            : new Finding(
                "DamonInUse",
                $"{Capitalized(string.Join("; ", damon.Kdamonds.Select(Describe)))}. It is left alone.{(damon.Kdamonds.Any(kdamond => kdamond.IsOn != false) ? Effect : "")}",
                "Find out who configured it below /sys/kernel/mm/damon/admin; only they know whether it may be stopped.");
    }

    private static string Describe(Kdamond kdamond)
    {
        var operations = kdamond.Operations.Length > 0 ? kdamond.Operations : "unknown";
        return kdamond.IsOn switch
        {
            true => $"a kdamond that is not ours runs: number {kdamond.Index}, pid {kdamond.Pid}, operations {operations}",
            false => $"a kdamond that is not ours is configured and off: number {kdamond.Index}, operations {operations}",
            null => $"a kdamond that is not ours cannot be read: number {kdamond.Index}, operations {operations}",
        };
    }

    private static string Capitalized(string text) => text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..];
}
