using Damon.Operator.Rollouts;
using Damon.Operator.Schemes;

namespace Damon.Operator.Statuses;

/// <summary>What a scheme's status is made of.</summary>
internal sealed record StatusInput
{
    /// <summary>The scheme.</summary>
    public required SchemeObject Scheme { get; init; }

    /// <summary>The status as it was last written.</summary>
    public required SchemeStatus Before { get; init; }

    /// <summary>What one look at the nodes says; null where the scheme is on no node.</summary>
    public SchemeSurvey? Survey { get; init; }

    /// <summary>Nodes that have not undone a scheme that is being deleted.</summary>
    public int UndoPending { get; init; }

    /// <summary>What nodes echo when they have the scheme as it stands now; empty where it is on no node.</summary>
    public string Hash { get; init; } = "";

    /// <summary>Where the rollout is.</summary>
    public RolloutState? Rollout { get; init; }

    /// <summary>Whether nobody is there who could be first.</summary>
    public bool IsWaitingForCanary { get; init; }

    /// <summary>Whether its time is over.</summary>
    public bool IsExpired { get; init; }

    /// <summary>Why the scheme may not act; empty where it may, or does not want to.</summary>
    public string Held { get; init; } = "";

    /// <summary>The same for people.</summary>
    public string HeldMessage { get; init; } = "";

    /// <summary>The sums of effects to tell: those before, or new ones where it is time.</summary>
    public EffectSums? Effect { get; init; }
}
