using Damon.Engine.Regions;
using Damon.Engine.Schemes;

namespace Damon.Engine.Monitoring;

/// <summary>One address space of a session: its probe, its actor and its regions.</summary>
public sealed class SessionTarget
{
    internal SessionTarget(int id, IAccessProbe probe, IMemoryActor actor, RegionTable regions)
    {
        Id = id;
        Probe = probe;
        Actor = actor;
        Regions = regions;
    }

    /// <summary>The caller's number for it; a process id, for one.</summary>
    public int Id { get; }

    /// <summary>What is known of its memory.</summary>
    public RegionTable Regions { get; }

    /// <summary>Whether it is still monitored.</summary>
    public TargetState State { get; internal set; }

    /// <summary>Why it is no longer monitored, for people.</summary>
    public string Reason { get; internal set; } = "";

    /// <summary>Bytes that left its resident set by this session's actions, as measured.</summary>
    public ulong AppliedBytes { get; internal set; }

    /// <summary>Of the bytes that this session's actions put away, those that were accessed again, as estimated from samples. Predictions of schemes that only observe are not in it.</summary>
    public ulong RefaultBytes { get; internal set; }

    /// <summary>Passes that observed nothing for a passing reason.</summary>
    public ulong MissedPasses { get; internal set; }

    /// <summary>The names of the schemes that serve it; null for all of them. Kept as names: a scheme that a later plan brings serves it, too, where its name is among them.</summary>
    public IReadOnlyList<string>? Schemes { get; private set; }

    /// <summary>Whether any scheme of the plan in force serves it. One that none serves is not looked at, and does not grow older.</summary>
    public bool IsServed { get; private set; } = true;

    /// <summary>
    /// How densely it is cut into regions compared with others, above 0: of two targets of the same size the one of twice the weight gets about twice the regions. Only the policy
    /// <see cref="RegionPolicyKind.Adaptive"/> knows weights; DAMON's does not.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Not a finite weight above 0.</exception>
    public double RegionWeight
    {
        get => Regions.Weight;
        set => Regions.Weight = value > 0 && double.IsFinite(value) ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "A finite weight above 0.");
    }

    /// <summary>How much of its group's budgets may be used; from 0 to 1.</summary>
    public double BudgetShare { get; internal set; } = 1;

    /// <summary>The name under which it shares budgets with other targets, such as a pod's; null where it is alone.</summary>
    public string? Group { get; internal init; }

    /// <summary>By the schemes' places; null where all serve it.</summary>
    private bool[]? Mask { get; set; }

    internal BudgetGroup BudgetGroup => BudgetGroup.Of(Group, Id);

    internal IAccessProbe Probe { get; }

    internal IMemoryActor Actor { get; }

    /// <summary>Its look, where looks are carried out elsewhere; then nothing else uses the probe but for its granularity.</summary>
    internal ProbeLook? Look { get; init; }

    internal bool Prepared { get; set; }

    /// <summary>How many of its regions are whole mappings, which no limit can lower; 0 where regions are learned.</summary>
    internal int Mappings { get; set; }

    /// <summary>In how many sample intervals of the current aggregation it was looked at. Where it was not, no access says nothing.</summary>
    internal uint ObservedSamples { get; set; }

    /// <summary>Whether it was looked at in every sample interval of the previous aggregation.</summary>
    internal bool WasObserved { get; set; } = true;

    /// <summary>Why the latest look failed for a passing reason, for people.</summary>
    internal string LastMiss { get; set; } = "";

    /// <summary>At which sample interval its address space is read again.</summary>
    internal ulong NextRead { get; set; }

    /// <summary>How many sample intervals after that one the next.</summary>
    internal ulong ReadEvery { get; set; }

    internal void CloseProbe()
    {
        if (Look is { } look)
        {
            look.Retire();
            return;
        }

        Probe.Dispose();
    }

    internal bool IsServedBy(SchemeRun scheme) => Mask is null || Mask[scheme.Index];

    /// <summary>Takes other names, or the same for other schemes.</summary>
    internal void Serve(IReadOnlyList<string>? names, SchemeRun[] schemes)
    {
        Schemes = names;
        Mask = names is null ? null : Array.ConvertAll(schemes, scheme => names.Contains(scheme.Description.Name, StringComparer.Ordinal));
        var wasServed = IsServed;
        IsServed = Mask is null || Array.IndexOf(Mask, value: true) >= 0;
        if (IsServed && !wasServed)
        {
            // Nobody has looked in between: what was idle then says nothing about now.
            Regions.Ages.Clear();
            Regions.Accesses.Clear();
            Regions.LastAccesses.Clear();
        }
    }
}
