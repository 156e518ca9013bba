namespace Damon.NodeAgent.Metrics;

/// <summary>What a scheme did since the agent started, and apart from it what it would have done: a prediction never adds up with a measurement.</summary>
internal readonly record struct SchemeEffects
{
    /// <summary>Bytes that really changed, as measured, while it enforced.</summary>
    public ulong AppliedBytes { get; init; }

    /// <summary>Bytes that would have changed, while it observed.</summary>
    public ulong WouldApplyBytes { get; init; }

    /// <summary>Bytes that were acted on and then accessed again.</summary>
    public ulong RefaultBytes { get; init; }

    /// <summary>Bytes that would have been acted on and were accessed again.</summary>
    public ulong WouldRefaultBytes { get; init; }

    /// <summary>Bytes that were acted on and have not been accessed since; 0 while it observes.</summary>
    public ulong AwayBytes { get; init; }

    /// <summary>Bytes that would be away now; 0 while it enforces.</summary>
    public ulong WouldBeAwayBytes { get; init; }

    /// <summary>Calls that were accepted and changed nothing.</summary>
    public ulong NoEffectCalls { get; init; }

    /// <summary>Calls that failed, in whole or in part.</summary>
    public ulong FailedCalls { get; init; }

    /// <summary>Windows whose budget was used up, the scheme's or a pod's.</summary>
    public ulong ExhaustedWindows { get; init; }
}
