using System.Globalization;
using Damon.Engine.KernelDamon;
using Damon.Engine.Machine;
using Damon.Engine.Schemes;

namespace Damon.Cli.Doctor;

/// <summary>The kernel's DAMON for people: whose it is, and what it can be asked for.</summary>
internal static class KernelDamonText
{
    private const int NameColumn = 18;

    /// <summary>Behind the longest name of a goal.</summary>
    private const int RowColumn = 24;

    /// <summary>The longest refusal, and a gap.</summary>
    private const int ProcessWidth = 22;

    public static void Write(TextWriter to, Diagnosis diagnosis, int terminalWidth)
    {
        var damon = diagnosis.Facts.Damon;
        to.WriteLine();
        to.WriteLine("The kernel's DAMON");
        Line("owner", Owner(damon));
        Line("modules", damon.Modules.Count == 0 ? "none" : string.Join(", ", damon.Modules.Select(Module)));
        Line("kdamonds", damon.Kdamonds.Count == 0 ? "none" : string.Join("; ", damon.Kdamonds.Select(Kdamond)));
        if (!damon.HasSysfs)
        {
            return;
        }

        var kernel = diagnosis.Kernel;
        Line("can do", kernel.IsExpected ? $"as expected of Linux {diagnosis.Facts.Kernel.Major}.{diagnosis.Facts.Kernel.Minor}; not tried out, because that needs writing" : "as its files say");
        Row("  action", "by process", "by physical address");
        foreach (var action in Enum.GetValues<SchemeAction>())
        {
            Row("  " + action, Word(kernel.Action(action, KernelOperations.Vaddr)), Word(kernel.Action(action, KernelOperations.Paddr)));
        }

        Row("  goal", "", "");
        foreach (var goal in Enum.GetValues<GoalMetric>())
        {
            Row("  " + goal, Word(kernel.Goal(goal, KernelOperations.Vaddr)), Word(kernel.Goal(goal, KernelOperations.Paddr)));
        }

        Line("filters", kernel.Features.Filters.Count == 0 ? "none" : string.Join(", ", Enum.GetValues<SchemeFilterType>().Where(kernel.Features.Filters.Contains)));
        Line("", kernel.Features.HasFilterAllow ? "They let through and hold back." : "They only hold back: at most one can let through.");
        Line("", Asked(kernel, KernelOperations.Vaddr, "by process"));
        Line("", Asked(kernel, KernelOperations.Paddr, "by physical address"));
        foreach (var refused in Verdicts(kernel).Where(verdict => !verdict.IsSupported).DistinctBy(verdict => verdict.Refusal).OrderBy(verdict => verdict.Refusal))
        {
            to.WriteLine("  " + refused.Refusal);
            Line("", refused.Message);
        }

        void Line(string name, string value) => FoldedText.Write(to, "  " + name, NameColumn, value, terminalWidth);

        void Row(string name, string process, string physical) => to.WriteLine((("  " + name).PadRight(RowColumn) + process.PadRight(ProcessWidth) + physical).TrimEnd());
    }

    private static string Asked(KernelCapabilities kernel, KernelOperations operations, string words)
    {
        var actions = Enum.GetValues<SchemeAction>().Where(action => kernel.Action(action, operations).Refusal is KernelRefusal.None or KernelRefusal.NoSnapshotLimit)
            .Where(action => kernel.Filter(SchemeFilterType.Anonymous, action, operations).IsSupported);
        return $"Filters on pages are asked {words} for: {(actions.Any() ? string.Join(", ", actions) : "nothing")}.";
    }

    private static IEnumerable<KernelVerdict> Verdicts(KernelCapabilities kernel) =>
        new[] { KernelOperations.Vaddr, KernelOperations.Paddr }.SelectMany(
            operations => Enum.GetValues<SchemeAction>().Select(action => kernel.Action(action, operations)).Concat(Enum.GetValues<GoalMetric>().Select(goal => kernel.Goal(goal, operations))));

    private static string Word(in KernelVerdict verdict) => verdict.IsSupported ? "yes" : verdict.Refusal.ToString();

    private static string Owner(KernelDamonFacts damon) => damon.Owner switch
    {
        DamonOwner.None when !damon.HasSysfs => "nobody; the kernel has no DAMON sysfs interface",
        DamonOwner.None => "nobody",
        DamonOwner.Sysfs => "somebody else, through sysfs",
        DamonOwner.ThisProcess or DamonOwner.OwnAgent => string.Create(CultureInfo.InvariantCulture, $"an agent of ours, process {damon.OwnerPid}"),
        DamonOwner.Predecessor => string.Create(CultureInfo.InvariantCulture, $"left by an agent of ours that has ended, process {damon.OwnerPid}; the next one cleans up"),
        _ => $"the kernel's own module {Diagnosis.ModuleOf(damon.Owner)}",
    };

    private static string Module(DamonModuleFacts module)
    {
        var state = module.IsOn switch
        {
            true => "on",
            false => "off",
            null => "unreadable",
        };
        return module.KdamondPid > 0 ? string.Create(CultureInfo.InvariantCulture, $"{module.Name} {state} (kdamond pid {module.KdamondPid})") : $"{module.Name} {state}";
    }

    private static string Kdamond(Kdamond kdamond)
    {
        var state = kdamond.IsOn switch
        {
            true => string.Create(CultureInfo.InvariantCulture, $"on, pid {kdamond.Pid}"),
            false => "off",
            null => "unreadable",
        };
        return string.Create(CultureInfo.InvariantCulture, $"number {kdamond.Index} {state}{(kdamond.Operations.Length > 0 ? ", " + kdamond.Operations : "")}");
    }
}
