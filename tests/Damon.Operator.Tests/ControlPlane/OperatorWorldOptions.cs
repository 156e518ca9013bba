using Damon.Testing.ControlPlane.Agents;
using Damon.Testing.ControlPlane.Servers;

namespace Damon.Operator.Tests.ControlPlane;

/// <summary>What there is beside the operator.</summary>
internal sealed record OperatorWorldOptions
{
    /// <summary>Whether it takes minutes, and is of the whole set only (<c>make control-plane</c>).</summary>
    public bool IsLong { get; init; }

    /// <summary>Nodes with simulated agents.</summary>
    public int Nodes { get; init; } = 8;

    /// <summary>Whether the nodes' agents are played; else somebody else has to be them.</summary>
    public bool PlaysAgents { get; init; } = true;

    /// <summary>Whether rules in definitions are looked at.</summary>
    public bool WantsRules { get; init; }

    /// <summary>Whether our definitions are there from the beginning.</summary>
    public bool InstallsDefinitions { get; init; } = true;

    /// <summary>Further operators, each with the same role under a name of its own, so that the audit log tells them apart.</summary>
    public IReadOnlyList<TestUser> FurtherOperators { get; init; } = [];

    /// <summary>Further users, without any rights.</summary>
    public IReadOnlyList<TestUser> Users { get; init; } = [];

    /// <summary>When agents write: at once, where the real ones keep gaps of half a minute.</summary>
    public SimulatedAgentsOptions Agents { get; init; } = new() { ChangeJitter = TimeSpan.FromMilliseconds(100), LeastGap = TimeSpan.Zero, GapJitter = TimeSpan.FromMilliseconds(100), Writers = 8 };

    /// <summary>The cluster's mode; null for no configuration.</summary>
    public string? Mode { get; init; } = "Enforce";
}
