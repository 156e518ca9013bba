namespace Damon.NodeAgent.Safety;

/// <summary>How a call behind <see cref="StallGuard"/> went.</summary>
internal enum StallOutcome
{
    /// <summary>It came back in time.</summary>
    Finished,

    /// <summary>It goes on; what it gives is handed over later, by <see cref="StallGuard.Tend"/>.</summary>
    Late,

    /// <summary>It was not begun: an earlier call on the same subject has not come back.</summary>
    Occupied,

    /// <summary>It was not begun: as many calls as there may be threads have not come back.</summary>
    Exhausted,
}
