using Damon.Api.Schemes;
using Damon.Operator.Statuses;

namespace Damon.Operator.Schemes;

/// <summary>A DamonScheme as the API server has it, readable or not.</summary>
public sealed record SchemeObject
{
    /// <summary>The finalizer that the operator takes off when nodes have undone what the scheme did.</summary>
    public const string Finalizer = "damon.dev/undo";

    /// <summary>The annotation whose new value resumes a halted rollout.</summary>
    public const string ResumeAnnotation = "damon.dev/resume";

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Its uid.</summary>
    public required string Uid { get; init; }

    /// <summary>Its resourceVersion.</summary>
    public required string ResourceVersion { get; init; }

    /// <summary>Its generation.</summary>
    public required long Generation { get; init; }

    /// <summary>When it was created.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was deleted; null where it was not.</summary>
    public DateTimeOffset? DeletedAt { get; init; }

    /// <summary>Its finalizers, ours and others'.</summary>
    public IReadOnlyList<string> Finalizers { get; init; } = [];

    /// <summary>The value of the resume annotation, at most 64 characters of it; empty where there is none.</summary>
    public string ResumeRequest { get; init; } = "";

    /// <summary>What is wanted; null where it is not accepted.</summary>
    public DamonSchemeSpec? Spec { get; init; }

    /// <summary>The version; empty where it is not accepted.</summary>
    public string Version { get; init; } = "";

    /// <summary>The version's text, not acting and not paused; null where it is not accepted.</summary>
    public VersionText? Text { get; init; }

    /// <summary>Why it is not accepted: one of <see cref="Reasons.Invalid"/>, <see cref="Reasons.OperatorTooOld"/>, <see cref="Reasons.TooLarge"/>; empty where it is.</summary>
    public string Refusal { get; init; } = "";

    /// <summary>The same for people.</summary>
    public string RefusalMessage { get; init; } = "";

    /// <summary>Its status; empty where it has none, or one that cannot be read.</summary>
    public SchemeStatus Status { get; init; } = SchemeStatus.None;

    /// <summary>Whether the operator's finalizer is on it.</summary>
    public bool HasFinalizer => Finalizers.Contains(Finalizer, StringComparer.Ordinal);

    /// <summary>The text in a form.</summary>
    /// <param name="form">The form.</param>
    /// <exception cref="InvalidOperationException">It is not accepted.</exception>
    public VersionText TextIn(VersionForm form) => (Text ?? throw new InvalidOperationException("A scheme that is not accepted has no version.")).In(form);
}
