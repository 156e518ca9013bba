namespace Damon.NodeAgent.Safety;

/// <summary>
/// Lets Enforce decay to Observe when the API server has not been reached for too long: the plan may have been withdrawn. A plan that was kept on disk brings its age along, so that restarts do not
/// make it young.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="ageAtStart">How old the last contact was when the agent started; null where there was none, which counts as for ever.</param>
internal sealed class PlanAgeRail(TimeProvider time, TimeSpan? ageAtStart)
{
    private long _since = time.GetTimestamp();
    private TimeSpan? _age = ageAtStart;

    /// <summary>Whether the cluster's mode is Off.</summary>
    public bool IsOff { get; set; }

    /// <summary>How old the last contact is; null where there was none.</summary>
    public TimeSpan? Age => _age + time.GetElapsedTime(_since);

    /// <summary>The plan comes from the disk.</summary>
    /// <param name="age">How old the last contact was when it was read.</param>
    public void Restore(TimeSpan age)
    {
        _since = time.GetTimestamp();
        _age = age;
    }

    /// <summary>The API server answered.</summary>
    public void Contact()
    {
        _since = time.GetTimestamp();
        _age = TimeSpan.Zero;
    }

    public RailState Check(SafetyLimits limits) =>
        IsOff ? RailState.Held(SafetyRail.Off, "the cluster's mode is Off")
        : Age is not { } age || age > limits.PlanMaxAge ? RailState.Held(SafetyRail.PlanStale, "the API server has not been reached for too long")
        : RailState.Clear;
}
