using System.Globalization;
using Damon.Engine.Host;

namespace Damon.Engine.Machine;

/// <summary>What the kernel's DAMON looks like from outside. Read only, nothing is ever written there.</summary>
/// <param name="HasSysfs">Whether the kernel has DAMON with its sysfs interface.</param>
/// <param name="Kdamonds">The threads configured through sysfs.</param>
/// <param name="Owner">Who uses it.</param>
public sealed record KernelDamonFacts(bool HasSysfs, IReadOnlyList<Kdamond> Kdamonds, DamonOwner Owner)
{
    private const string Root = "/sys/kernel/mm/damon/admin/kdamonds";

    /// <summary>A machine without it.</summary>
    public static KernelDamonFacts Absent { get; } = new(HasSysfs: false, [], DamonOwner.None);

    /// <summary>One line for people.</summary>
    public string Summary
    {
        get
        {
            var kdamonds = Kdamonds.Count == 0 ? "no kdamond" : string.Join(", ", Kdamonds.Select(k => string.Create(CultureInfo.InvariantCulture, $"kdamond {k.Index} {Word(k.IsOn)} pid {k.Pid} {k.Operations}")));
            return HasSysfs ? $"DAMON is in the kernel, {kdamonds}, owner {Owner}" : $"no DAMON sysfs interface, owner {Owner}";

            static string Word(bool? isOn) => isOn switch
            {
                true => "on",
                false => "off",
                null => "unreadable",
            };
        }
    }

    /// <summary>Looks.</summary>
    /// <param name="host">The host.</param>
    public static KernelDamonFacts Read(HostRoot host)
    {
        var hasSysfs = host.Exists(Root);
        var kdamonds = new List<Kdamond>();
        var entries = new List<HostDirectoryEntry>();
        if (hasSysfs && host.List(Root, entries, maxEntries: 4096).IsOk)
        {
            foreach (var entry in entries)
            {
                if (entry.IsDirectory && int.TryParse(entry.Name, NumberStyles.None, CultureInfo.InvariantCulture, out var index))
                {
                    kdamonds.Add(ReadKdamond(host, index));
                }
            }

            kdamonds.Sort((a, b) => a.Index.CompareTo(b.Index));
        }

        // A module holds DAMON exclusively while it runs, so it is named first.
        var owner = IsEnabled(host, "damon_stat") ? DamonOwner.ModuleStat
            : IsEnabled(host, "damon_reclaim") ? DamonOwner.ModuleReclaim
            : IsEnabled(host, "damon_lru_sort") ? DamonOwner.ModuleLruSort
            : kdamonds.Count > 0 ? DamonOwner.Sysfs
            : DamonOwner.None;
        return new KernelDamonFacts(hasSysfs, kdamonds, owner);
    }

    private static Kdamond ReadKdamond(HostRoot host, int index)
    {
        var state = host.ReadText($"{Root}/{index}/state");
        var pid = host.ReadText($"{Root}/{index}/pid");
        var operations = host.ReadText($"{Root}/{index}/contexts/0/operations");
        return new Kdamond(
            index,
            state.TryGet(out var word) ? word == "on" : null,
            pid.TryGet(out var number) && int.TryParse(number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var parsed) ? parsed : -1,
            operations.TryGet(out var name) ? name : "");
    }

    private static bool IsEnabled(HostRoot host, string module) => host.ReadText($"/sys/module/{module}/parameters/enabled").TryGet(out var enabled) && enabled is "Y" or "1";
}
