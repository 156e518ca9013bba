namespace Damon.NodeAgent.Safety;

/// <summary>What the rails of a node have done: trips and time held back by rail, and changes that nobody has taken yet.</summary>
internal sealed class RailLog
{
    /// <summary>What nobody takes is lost beyond this, oldest first: events tell of changes, and metrics keep the sums.</summary>
    private const int MaxTransitions = 1024;

    private static readonly int Rails = Enum.GetValues<SafetyRail>().Length;

    private readonly ulong[] _trips = new ulong[Rails];
    private readonly TimeSpan[] _backOff = new TimeSpan[Rails];
    private readonly Queue<RailTransition> _transitions = [];

    /// <summary>How often a rail began to hold, or took a part of a budget; <c>damon_agent_safety_trips_total{rail}</c>.</summary>
    public ulong Trips(SafetyRail rail) => _trips[(int)rail];

    /// <summary>For how long a rail has held, summed over pods; <c>damon_agent_backoff_seconds_total{reason}</c>.</summary>
    public TimeSpan BackOff(SafetyRail rail) => _backOff[(int)rail];

    /// <summary>Moves the changes since the last call to a list.</summary>
    public void TakeTransitions(ICollection<RailTransition> transitions)
    {
        while (_transitions.TryDequeue(out var transition))
        {
            transitions.Add(transition);
        }
    }

    public void AddTrip(SafetyRail rail) => _trips[(int)rail]++;

    public void AddBackOff(SafetyRail rail, TimeSpan held) => _backOff[(int)rail] += held;

    public void AddTransition(in RailTransition transition)
    {
        // These say what a container or its node is like, not that something went wrong: an event for each start of each pod, and for each time that a lower tier is full, would bury the others.
        if (transition.Rail is SafetyRail.StartGrace or SafetyRail.Floor or SafetyRail.NoSwap or SafetyRail.Placement)
        {
            return;
        }

        if (_transitions.Count == MaxTransitions)
        {
            _transitions.Dequeue();
        }

        _transitions.Enqueue(transition);
    }
}
