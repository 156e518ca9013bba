using Damon.Operator.Plans;
using Damon.Operator.Statuses;

namespace Damon.Operator.Model;

/// <summary>What is to be done about a scheme. Nothing of it holds before <see cref="ClusterModel.SchemeWritten"/>.</summary>
public sealed record SchemeDecision
{
    /// <summary>The scheme's name.</summary>
    public required string Scheme { get; init; }

    /// <summary>The scheme's uid; empty where there is no such scheme.</summary>
    public required string Uid { get; init; }

    /// <summary>
    /// The status to apply to the subresource with the operator's field manager, forced, resourceVersion inside: a 409 means that the scheme has changed, look again when the informer has told it. Empty where none is due.
    /// </summary>
    public ReadOnlyMemory<byte> StatusApply { get; init; }

    /// <summary>What is to be done about the finalizer. There is nothing else to do in such a decision but what goes before.</summary>
    public FinalizerWork Finalizer { get; init; }

    /// <summary>A JSON merge patch of the scheme, with resourceVersion: its list of finalizers. Empty unless there is something to do; sent after the status, where both are there.</summary>
    public ReadOnlyMemory<byte> FinalizerPatch { get; init; }

    /// <summary>What has happened, to be recorded once the status is written.</summary>
    public IReadOnlyList<SchemeEvent> Events { get; init; } = [];

    /// <summary>When to look again though nothing has changed; null where never.</summary>
    public TimeSpan? LookAgainIn { get; init; }

    /// <summary>What nodes go by from now on; null where that is what they do already.</summary>
    internal SchemeDirective? Directive { get; init; }

    /// <summary>Nodes that are let in now.</summary>
    internal IReadOnlyList<string> Grants { get; init; } = [];

    /// <summary>Whether nodes that were let in before and do not have it in their plans yet stay let in.</summary>
    internal bool KeepsGrants { get; init; }

    /// <summary>The status that is written; null where none is.</summary>
    internal SchemeStatus? Status { get; init; }

    /// <summary>When the effects in that status were summed up; null where they are those before.</summary>
    internal DateTimeOffset? EffectAt { get; init; }

    /// <summary>When this was decided.</summary>
    internal DateTimeOffset At { get; init; }

    /// <summary>The resourceVersion that it was made against.</summary>
    internal string Against { get; init; } = "";

    /// <summary>Which decision about the scheme this is.</summary>
    internal long Number { get; init; }
}
