using Damon.Kubernetes.Events;
using Damon.NodeAgent.Cluster;
using Damon.NodeAgent.Pods;
using Damon.NodeAgent.Safety;
using Damon.Testing;
using Damon.Testing.ApiServer;

namespace Damon.NodeAgent.Tests.Cluster;

public class RailEventsTests
{
    private static readonly PodRecord Pod = new() { Namespace = "shop", Name = "a", Uid = "u-a", QosClass = Api.Schemes.QosClass.Burstable };

    [Theory]
    [InlineData(SafetyRail.Pressure, RailTransitionKind.Held, EventType.Normal, "HoldBack")]
    [InlineData(SafetyRail.Pressure, RailTransitionKind.Reduced, EventType.Normal, "ReduceBudget")]
    [InlineData(SafetyRail.Emergency, RailTransitionKind.Held, EventType.Warning, "HoldBack")]
    [InlineData(SafetyRail.Emergency, RailTransitionKind.Lifted, EventType.Normal, "Resume")]
    internal void A_change_of_a_pod_s_rail_is_an_event_of_the_pod(SafetyRail rail, RailTransitionKind kind, EventType type, string action) =>
        Told(new RailTransition("u-a", rail, kind, "12 % of the last 10 s")).Should().Equal(
            new ObjectEvent(new(Damon.Kubernetes.Objects.ResourceKind.Pods, new("shop", "a"), "u-a"), type, rail.ToString(), action, "12 % of the last 10 s"));

    [Fact]
    public void A_change_of_the_node_s_rail_is_an_event_of_its_plan() =>
        Told(new RailTransition("", SafetyRail.NodeEmergency, RailTransitionKind.Held, "MemoryPressure")).Should().ContainSingle()
            .Which.Regarding.Should().Be(new ObjectReference(ClusterKinds.Nodes, new("n1"), "u-plan"));

    [Fact]
    public void What_is_gone_gets_no_event()
    {
        Told(new RailTransition("u-gone", SafetyRail.Pressure, RailTransitionKind.Held, "")).Should().BeEmpty();
        var told = new List<ObjectEvent>();
        new RailEvents(told.Add, _ => null, "n1", () => null).Record([new RailTransition("", SafetyRail.NodeEmergency, RailTransitionKind.Held, "")]);
        told.Should().BeEmpty();
    }

    [Fact]
    public void Events_reach_the_server_where_their_object_is() => VirtualLoop.Run(async loop =>
    {
        using var bench = new ClusterBench(loop);
        using var stop = new CancellationTokenSource();
        await bench.Populate().StartedAsync();
        var recorder = new EventRecorder(bench.Client, new EventRecorderOptions("damon.dev/agent", "n1"), loop, 5);
        var writing = recorder.RunAsync(stop.Token);
        new RailEvents(recorder.Record, bench.Feed.FindPod, "n1", () => bench.Feed.PlanUid).Record(
        [
            new RailTransition(bench.Sink.Pods![0].Uid, SafetyRail.Refault, RailTransitionKind.Held, "three trips"),
            new RailTransition("", SafetyRail.NodeEmergency, RailTransitionKind.Held, "MemoryPressure"),
        ]);
        await loop.Pass(TimeSpan.FromSeconds(5));
        stop.Cancel();
        await writing;
        await bench.StopAsync();

        bench.Server.Objects(FakeKind.Events).Select(told => ((string?)told["metadata"]!["namespace"], (string?)told["regarding"]!["kind"], (string?)told["reason"]))
            .Should().BeEquivalentTo([("shop", "Pod", "Refault"), ("default", "DamonNode", "NodeEmergency")]);
    });

    private static List<ObjectEvent> Told(RailTransition transition)
    {
        var told = new List<ObjectEvent>();
        new RailEvents(told.Add, uid => uid == Pod.Uid ? Pod : null, "n1", () => "u-plan").Record([transition]);
        return told;
    }
}
