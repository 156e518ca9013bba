namespace Damon.NodeAgent.Safety;

/// <summary>
/// Leaves a container alone for a while after its start. The start is told by another machine's wall clock; the age is taken from it once, when the container is first seen, and grows by our own clock
/// from then on, so that no jump of either ends the grace.
/// </summary>
internal sealed class StartGraceRail
{
    private readonly TimeProvider _time;
    private readonly long _seenAt;
    private readonly TimeSpan _ageWhenSeen;

    /// <summary>A container that is seen for the first time now.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="startedAt">When it started; null where that is not known, which counts as now.</param>
    public StartGraceRail(TimeProvider time, DateTimeOffset? startedAt)
    {
        _time = time;
        _seenAt = time.GetTimestamp();
        var age = time.GetUtcNow() - (startedAt ?? time.GetUtcNow());
        _ageWhenSeen = age > TimeSpan.Zero ? age : TimeSpan.Zero;
    }

    public RailState Check(SafetyLimits limits) =>
        _ageWhenSeen + _time.GetElapsedTime(_seenAt) < limits.StartGrace ? RailState.Held(SafetyRail.StartGrace, "the container has just started") : RailState.Clear;
}
