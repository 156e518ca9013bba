using Damon.Api.Nodes;

namespace Damon.Operator.Plans;

/// <summary>
/// How long echoes of plans wait. A change of many nodes is two writes for each, of the plan and of its echo; if both come at once a small control plane has half of its time for plans, and nodes go on under the old plan
/// for twice as long. So where many plans are to be written each of them asks its agent to wait until about all are. All wait about equally long: echoes then come as plans did, and not all together at the end. For any
/// thread.
/// </summary>
/// <remarks>
/// How many plans a change writes is not known before all nodes have been looked at, so it is estimated: of the nodes that wait to be looked at, as many as of those looked at so far. All nodes are looked at for a canary as
/// well, and few are written.
/// </remarks>
/// <param name="writesPerSecond">How many writes a second are sent at the most.</param>
internal sealed class EchoPace(int writesPerSecond)
{
    /// <summary>Changes of fewer nodes are echoed at once: the rounds of a rollout, and whatever happens in most clusters.</summary>
    internal const int LeastPlans = 1000;

    /// <summary>So many plans a second get written, measured with a control plane on two cores (<c>make scale</c>).</summary>
    internal const int PlansPerSecond = 100;

    /// <summary>Well below the time after which a node counts as silent.</summary>
    internal const int MostSeconds = 60;

    // Below this there is no change of many nodes under way any more.
    private const int FewNodes = 100;

    // Looks without a write that are assumed beforehand: that the first node is written says nothing of the others.
    private const int Doubt = 20;

    private readonly int _plansPerSecond = Math.Min(PlansPerSecond, writesPerSecond);
    private readonly Lock _lock = new();
    private int _most;
    private int _looks;
    private int _plans;

    /// <summary>The wait to put into a plan that is written now, in seconds; 0 to <see cref="DamonNodeReader.MaxEchoAfterSeconds"/>.</summary>
    public int Seconds
    {
        get
        {
            lock (_lock)
                return (long)_most * _plans / (_looks + Doubt) is >= LeastPlans and var expected ? (int)Math.Min(expected / _plansPerSecond, MostSeconds) : 0;
        }
    }

    /// <summary>A node was looked at.</summary>
    /// <param name="waiting">Nodes that still wait for it. The most of a change count: while plans are written their nodes come back to be looked at again.</param>
    /// <param name="isWritten">Whether its plan is to be written.</param>
    public void Looked(int waiting, bool isWritten)
    {
        lock (_lock)
        {
            if (waiting < FewNodes)
                (_most, _looks, _plans) = (0, 0, 0);
            _most = Math.Max(_most, waiting);
            _looks++;
            if (isWritten)
                _plans++;
        }
    }
}
