using Damon.Operator.Statuses;

namespace Damon.Operator.Model;

/// <summary>What is to be done about a scheme. Nothing of it holds before <see cref="ClusterModel.SchemeWritten"/>.</summary>
public sealed record SchemeDecision
{
    /// <summary>The scheme's name.</summary>
    public required string Scheme { get; init; }

    /// <summary>The scheme's uid; empty where there is no such scheme.</summary>
    public required string Uid { get; init; }

    /// <summary>The status to apply to the subresource with the operator's field manager, resourceVersion inside: a 409 means that the scheme has changed, look again. Empty where none is due.</summary>
    public ReadOnlyMemory<byte> StatusApply { get; init; }

    /// <summary>What is to be done about the finalizer, before the status is written.</summary>
    public FinalizerWork Finalizer { get; init; }

    /// <summary>The list of finalizers to write, by a JSON merge patch of metadata with resourceVersion; empty unless there is something to do.</summary>
    public ReadOnlyMemory<byte> FinalizerPatch { get; init; }

    /// <summary>What has happened, to be recorded once the status is written.</summary>
    public IReadOnlyList<SchemeEvent> Events { get; init; } = [];

    /// <summary>When to look again though nothing has changed; null where never.</summary>
    public TimeSpan? LookAgainIn { get; init; }
}
