using Damon.Api.Nodes;

namespace Damon.Operator.Plans;

/// <summary>
/// How long echoes of plans wait. A change of many nodes is two writes for each, of the plan and of its echo; if both come at once a small control plane has half of its time for plans, and nodes go on under the old plan
/// for twice as long. So where many plans are to be written each of them asks its agent to wait until about all are. All wait equally long: echoes then come as plans did, and not all together at the end. For any thread.
/// </summary>
internal sealed class EchoPace
{
    /// <summary>Changes of fewer nodes are echoed at once: the rounds of a rollout, and whatever happens in most clusters.</summary>
    internal const int LeastPlans = 1000;

    /// <summary>So many plans a second get written, measured with a control plane on two cores (<c>make scale</c>); more are not sent in the long run than twice as many.</summary>
    internal const int PlansPerSecond = 100;

    /// <summary>Well below the time after which a node counts as silent.</summary>
    internal const int MostSeconds = 60;

    // Below this there is no change of many nodes under way any more.
    private const int FewPlans = 100;

    private int _most;

    /// <summary>The wait to put into a plan that is written now.</summary>
    /// <param name="waiting">Nodes that wait to be looked at. The most of a change count: while plans are written their nodes come back into the queue to be looked at again.</param>
    /// <returns>Seconds; 0 to <see cref="DamonNodeReader.MaxEchoAfterSeconds"/>.</returns>
    public int Next(int waiting)
    {
        var most = waiting < FewPlans ? waiting : Math.Max(Volatile.Read(ref _most), waiting);
        Volatile.Write(ref _most, most);
        return most < LeastPlans ? 0 : Math.Min(most / PlansPerSecond, MostSeconds);
    }
}
