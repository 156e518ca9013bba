namespace Damon.Footprint.Commands;

/// <summary>One run of one agent over a node that is made for it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsPaced">Whether it runs the agent whose looks cost what they are given to cost, or the one that ships.</param>
/// <param name="Regions">Regions of each pod that the schemes ask for, from and to; null for what the command line says.</param>
/// <param name="CpuCeilingPercent">The agent's own ceiling; null for what the cluster's configuration says when nobody has changed it.</param>
internal sealed record Stage(string Name, bool IsPaced, (int Min, int Max)? Regions = null, double? CpuCeilingPercent = null)
{
    /// <summary>The most resident memory.</summary>
    public const double MaxResidentMiB = 60;

    /// <summary>How much more memory of its own an agent may have at the end of the measurement than at its begin; more would mean that it is not at its size yet.</summary>
    public const double MaxGainMiB = 4;

    /// <summary>From start to the first plan applied.</summary>
    public const double MaxStartSeconds = 1;

    /// <summary>What the configuration allows when nobody has changed it.</summary>
    private const double DefaultCeilingPercent = 2;

    /// <summary>All of them, in the order in which they run.</summary>
    public static IReadOnlyList<Stage> All { get; } =
    [
        new("shipped", IsPaced: false),
        new("paced", IsPaced: true),
        new("paced, default regions", IsPaced: true, Regions: (10, 1000)),
        new("paced, ceiling 0.5 %", IsPaced: true, CpuCeilingPercent: 0.5),
    ];

    /// <summary>Whether fewer processes may be looked at than the plan asks for: a ceiling of the agent's own goes before the plan.</summary>
    public bool MayShed => CpuCeilingPercent is not null;

    /// <summary>The CPU time, as a share of one core.</summary>
    public double MaxCpuPercent => CpuCeilingPercent ?? DefaultCeilingPercent;
}
