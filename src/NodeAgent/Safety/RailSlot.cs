namespace Damon.NodeAgent.Safety;

/// <summary>The place of one rail in a pod or on the node: its last state, and what has to be written down when that changes.</summary>
/// <param name="podUid">The pod; empty for the node.</param>
/// <param name="log">Where it is written down.</param>
internal sealed class RailSlot(string podUid, RailLog log)
{
    public RailState State { get; private set; } = RailState.Clear;

    /// <summary>Takes the rail's new state.</summary>
    /// <param name="next">The state.</param>
    /// <param name="since">How long ago the last one was taken.</param>
    public void Set(in RailState next, TimeSpan since)
    {
        var last = State;
        State = next;
        if (last.Rail is { } held)
        {
            log.AddBackOff(held, since);
        }

        if (last.Rail != next.Rail)
        {
            if (last.Rail is { } lifted)
            {
                log.AddTransition(new RailTransition(podUid, lifted, RailTransitionKind.Lifted, last.Reason));
            }

            if (next.Rail is { } rail)
            {
                log.AddTrip(rail);
                log.AddTransition(new RailTransition(podUid, rail, RailTransitionKind.Held, next.Reason));
            }
        }
    }
}
