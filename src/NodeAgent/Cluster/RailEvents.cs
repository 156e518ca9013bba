using Damon.Kubernetes.Events;
using Damon.Kubernetes.Objects;
using Damon.NodeAgent.Pods;
using Damon.NodeAgent.Safety;

namespace Damon.NodeAgent.Cluster;

/// <summary>Tells what rails do as events: those of a pod on the pod, for its owner, and those of the node on its DamonNode. For any thread.</summary>
/// <param name="record">Takes events; never waits.</param>
/// <param name="findPod">A pod by its uid, or null.</param>
/// <param name="nodeName">This node.</param>
/// <param name="planUid">The uid of its DamonNode; null where there is none.</param>
internal sealed class RailEvents(Action<ObjectEvent> record, Func<string, PodRecord?> findPod, string nodeName, Func<string?> planUid)
{
    /// <summary>What an event's action says of a change.</summary>
    internal static string ActionOf(RailTransitionKind kind) => kind switch
    {
        RailTransitionKind.Held => "HoldBack",
        RailTransitionKind.Reduced => "ReduceBudget",
        RailTransitionKind.Lifted => "Resume",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "is no change."),
    };

    /// <summary>Tells changes. One about a pod, or a DamonNode, that is not there any more has nobody to read it.</summary>
    /// <param name="transitions">In their order.</param>
    public void Record(IEnumerable<RailTransition> transitions)
    {
        foreach (var transition in transitions)
        {
            if (RegardingOf(transition) is { } regarding)
            {
                record(new ObjectEvent(regarding, TypeOf(transition), transition.Rail.ToString(), ActionOf(transition.Kind), transition.Reason));
            }
        }
    }

    private ObjectReference? RegardingOf(in RailTransition transition)
    {
        if (transition.PodUid.Length > 0)
        {
            return findPod(transition.PodUid) is { } pod ? new ObjectReference(ResourceKind.Pods, new ObjectKey(pod.Namespace, pod.Name), pod.Uid) : null;
        }

        return planUid() is { } uid ? new ObjectReference(ClusterKinds.Nodes, new ObjectKey(nodeName), uid) : null;
    }

    /// <summary>Backing off is what rails are for; a warning is what somebody may want to look into.</summary>
    private static EventType TypeOf(in RailTransition transition) => transition.Kind != RailTransitionKind.Lifted && transition.Rail is
        SafetyRail.Refault or SafetyRail.Emergency or SafetyRail.NodeEmergency or SafetyRail.Stalled or SafetyRail.PlanStale or SafetyRail.RailUnmeasurable
        ? EventType.Warning
        : EventType.Normal;
}
