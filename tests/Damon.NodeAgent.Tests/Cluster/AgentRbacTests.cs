using Damon.Api.Nodes;
using Damon.Engine.Regions;
using Damon.Kubernetes.Events;
using Damon.Kubernetes.Requests;
using Damon.NodeAgent.Cluster;
using Damon.NodeAgent.Plans;
using Damon.NodeAgent.Safety;
using Damon.Testing;
using Damon.Testing.ApiServer;

namespace Damon.NodeAgent.Tests.Cluster;

/// <summary>The roles in deploy/rbac allow what an agent does, and nothing else: all that it hears, its status, and events of rails on pods and on the plan, some of them again.</summary>
public class AgentRbacTests
{
    [Fact]
    public void An_agent_s_rights_are_those_that_it_needs() => VirtualLoop.Run(async loop =>
    {
        using var bench = new ClusterBench(loop);
        using var stop = new CancellationTokenSource();
        await bench.Populate().StartedAsync();
        var recorder = new EventRecorder(bench.Client, new EventRecorderOptions("damon.dev/agent", ClusterBench.NodeName), loop, 5);
        var writer = new StatusWriter(
            new ServerSideApply(bench.Client, StatusWriter.FieldManager, new ServerSideApplyOptions(), loop, 6),
            ClusterBench.NodeName,
            static () => new NodeReport { ObservedGeneration = 1, Schemes = [new SchemeReport { Name = "cold", AppliedHash = "h", State = NodeSchemeState.Observing }] },
            () => bench.Feed.PlanUid,
            new SchemeStatusBook(loop, new RandomSource(7)),
            new SilentLog(),
            loop);
        Task[] running = [recorder.RunAsync(stop.Token), writer.RunAsync(stop.Token)];
        var events = new RailEvents(recorder.Record, bench.Feed.FindPod, ClusterBench.NodeName, () => bench.Feed.PlanUid);
        for (var time = 0; time < 3; time++)
        {
            events.Record([new RailTransition(bench.Sink.Pods![0].Uid, SafetyRail.Refault, RailTransitionKind.Held, "three trips"), new RailTransition("", SafetyRail.NodeEmergency, RailTransitionKind.Held, "MemoryPressure")]);
            await loop.Pass(TimeSpan.FromMinutes(2));
        }

        stop.Cancel();
        foreach (var task in running)
            await task;
        await bench.StopAsync();

        var rules = RbacRules.Read("deploy/rbac/agent.yaml");
        bench.Server.Requests.Where(request => !rules.Allows(request)).Should().BeEmpty();
        rules.Unused.Should().BeEmpty();
    });

    [Theory]
    [InlineData(FakeVerb.Apply, "damon.dev", "damonnodes", "", "n1")]
    [InlineData(FakeVerb.List, "damon.dev", "damonschemes", "", "")]
    [InlineData(FakeVerb.Apply, "damon.dev", "damonclusterconfigs", "", "cluster")]
    [InlineData(FakeVerb.Delete, "", "pods", "", "a")]
    [InlineData(FakeVerb.List, "", "secrets", "", "")]
    public void What_it_does_not_do_is_not_allowed(FakeVerb verb, string group, string plural, string subresource, string name) =>
        RbacRules.Read("deploy/rbac/agent.yaml").Allows(new FakeRequest(verb, plural, name, subresource, new Dictionary<string, string>(), TimeSpan.Zero, null) { Group = group }).Should().BeFalse();
}
