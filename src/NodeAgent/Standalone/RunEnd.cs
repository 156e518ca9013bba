namespace Damon.NodeAgent.Standalone;

/// <summary>Why a standalone run ended.</summary>
public enum RunEnd
{
    /// <summary>Its time was over.</summary>
    Duration,

    /// <summary>It was cancelled.</summary>
    Interrupted,

    /// <summary>Every target had ended.</summary>
    TargetsGone,

    /// <summary>There was no target to begin with.</summary>
    NoTarget,

    /// <summary>The kernel could not sense, or not any more: <see cref="StandaloneRun.KernelError"/> says why.</summary>
    KernelLost,
}
