using System.Globalization;
using Damon.Engine.Host;
using Damon.Engine.KernelDamon;

namespace Damon.Engine.Machine;

/// <summary>What the kernel's DAMON looks like from outside. Read only, nothing is ever written there.</summary>
/// <param name="HasSysfs">Whether the kernel has DAMON with its sysfs interface.</param>
/// <param name="Kdamonds">The threads configured through sysfs.</param>
/// <param name="Owner">Who uses it.</param>
public sealed record KernelDamonFacts(bool HasSysfs, IReadOnlyList<Kdamond> Kdamonds, DamonOwner Owner)
{
    private const string Root = "/sys/kernel/mm/damon/admin/kdamonds";

    /// <summary>The kernel's own modules that use DAMON, as far as it has them.</summary>
    public IReadOnlyList<DamonModuleFacts> Modules { get; init; } = [];

    /// <summary>Process of this product that has it, or has left it; 0 where there is none.</summary>
    public int OwnerPid { get; init; }

    /// <summary>Why this process's user cannot write it; no error where it can.</summary>
    public HostError WriteError { get; init; }

    /// <summary>Whether whoever runs this process wants it left alone, free or not. It is no fact of the machine: <see cref="Read"/> never sets it.</summary>
    public bool IsSwitchedOff { get; init; }

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

    /// <summary>Who else has it, and what can be done about it, for people; empty where nobody else does.</summary>
    public string WhoElse => Owner switch
    {
        DamonOwner.None or DamonOwner.ThisProcess or DamonOwner.Predecessor => "",
        DamonOwner.OwnAgent => $"Another agent of ours has the kernel's DAMON: process {OwnerPid}.",
        DamonOwner.Sysfs => $"The kernel's DAMON is in use by somebody else and is left alone ({Summary}){(Kdamonds.All(kdamond => kdamond.IsOn == false) ? "; a kdamond that is configured and off is somebody's too" : "")}.",
        _ => $"The kernel's DAMON is in use by its own {OwnershipJudgement.Describe(Modules.Where(module => module.IsOn == true))}; where exclusiveModules allows it, it is switched off for as long as an agent runs, and on again after.",
    };

    /// <summary>Looks.</summary>
    /// <param name="host">The host.</param>
    /// <param name="recordPath">Where the owner record is, as on the host.</param>
    public static KernelDamonFacts Read(HostRoot host, string recordPath = OwnershipSettings.DefaultRecordPath)
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

        var modules = DamonModuleFacts.Read(host);
        var bootId = host.ReadText("/proc/sys/kernel/random/boot_id").TryGet(out var boot) ? boot : "";
        using var file = new OwnerRecordFile(host, recordPath);
        var record = hasSysfs ? OwnerRecords.OfThisBoot(file.Read(), bootId) : null;
        return new KernelDamonFacts(hasSysfs, kdamonds, OwnerOf(host, modules, kdamonds, record))
        {
            Modules = modules,
            OwnerPid = record?.Pid ?? 0,
            WriteError = hasSysfs ? host.WhyNotWritable(Root + "/nr_kdamonds") : default,
        };
    }

    private static DamonOwner OwnerOf(HostRoot host, IReadOnlyList<DamonModuleFacts> modules, List<Kdamond> kdamonds, OwnerRecord? record)
    {
        // A module holds DAMON exclusively while it runs, so it is named first.
        foreach (var module in modules)
        {
            if (module.IsOn == true)
            {
                return module.Module switch
                {
                    DamonModule.Stat => DamonOwner.ModuleStat,
                    DamonModule.Reclaim => DamonOwner.ModuleReclaim,
                    _ => DamonOwner.ModuleLruSort,
                };
            }
        }

        if (record is not null)
        {
            var self = OwnerRecords.Self(host).TryGet(out var identity) ? identity : (ProcessIdentity?)null;
            var judgement = OwnershipJudgement.Of(InterfaceLook.Read(new HostDamonTree(host), host), record, OwnerRecords.MayLive(host, record.Owner), self);
            switch (judgement.Kind)
            {
                case OwnershipKind.Own:
                case OwnershipKind.Free when record.Owner == self:
                    return DamonOwner.ThisProcess;
                case OwnershipKind.OwnAgent:
                    return DamonOwner.OwnAgent;
                case OwnershipKind.Predecessor:
                    return DamonOwner.Predecessor;
                default:
                    break;
            }
        }

        return kdamonds.Count > 0 ? DamonOwner.Sysfs : DamonOwner.None;
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
}
