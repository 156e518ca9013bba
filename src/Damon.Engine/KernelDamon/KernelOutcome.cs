namespace Damon.Engine.KernelDamon;

/// <summary>How a change of the kernel's DAMON ended, and why.</summary>
/// <param name="Kind">How.</param>
/// <param name="Message">What to know and do about it, for people; empty where it is done.</param>
public readonly record struct KernelOutcome(KernelOutcomeKind Kind, string Message = "")
{
    /// <summary>It is in force.</summary>
    public static KernelOutcome Done { get; } = new(KernelOutcomeKind.Done);

    /// <summary>Whether it is in force.</summary>
    public bool IsDone => Kind == KernelOutcomeKind.Done;
}
