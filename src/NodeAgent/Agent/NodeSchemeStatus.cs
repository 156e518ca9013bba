using Damon.Engine.KernelDamon;
using Damon.Engine.Schemes;

namespace Damon.NodeAgent.Agent;

/// <summary>What became of one scheme of the node, at one moment.</summary>
internal sealed record NodeSchemeStatus
{
    /// <summary>Its name in the kernel's plan.</summary>
    public required string Name { get; init; }

    public required SchemeAction Action { get; init; }

    /// <summary>Why it is not carried out, or only counted.</summary>
    public KernelSchemeReason Reason { get; init; }

    /// <summary>The same for people.</summary>
    public string Message { get; init; } = "";

    /// <summary>Why it rests now; empty where it does not.</summary>
    public string HeldBy { get; init; } = "";

    /// <summary>Bytes that matched in the latest pass, in the groups that it is for.</summary>
    public ulong MatchedNowBytes { get; init; }

    /// <summary>Passes granted.</summary>
    public ulong Grants { get; init; }

    /// <summary>What the kernel says was acted on, over all passes.</summary>
    public ulong SaidBytes { get; init; }

    /// <summary>What really changed, as measured.</summary>
    public ulong EffectBytes { get; init; }

    /// <summary>Whether that can be measured for this action.</summary>
    public bool IsMeasured { get; init; }

    /// <summary>Grants of which the kernel says that something was acted on and nothing has changed.</summary>
    public ulong NoEffectGrants { get; init; }

    /// <summary>Windows whose budget was used up.</summary>
    public ulong ExhaustedWindows { get; init; }

    /// <summary>Of what it took away, what is still gone.</summary>
    public ulong AwayBytes { get; init; }

    /// <summary>Of what it took away, what has come back.</summary>
    public ulong ReturnedBytes { get; init; }
}
