using Damon.Api.Nodes;
using Damon.Engine.Regions;
using Damon.Kubernetes.Requests;
using Damon.NodeAgent.Cluster;
using Damon.NodeAgent.Plans;
using Damon.Testing;
using Damon.Testing.ApiServer;

namespace Damon.NodeAgent.Tests.Cluster;

public class StatusWriterTests
{
    [Fact]
    public void A_status_is_written_once_and_not_again_while_nothing_changes() => Run(async (bench, _, _) =>
    {
        await bench.Loop.Pass(TimeSpan.FromHours(3));

        Written(bench).Should().Be("Observing");
        Applies(bench).Should().HaveCount(1);
        var request = Applies(bench)[0];
        (request.Name, request.Subresource, request.Query["fieldManager"]).Should().Be(("n1", "status", "damon-agent"));
    });

    [Fact]
    public void A_change_of_state_is_written_and_a_status_moves_no_generation() => Run(async (bench, report, _) =>
    {
        await bench.Loop.Pass(TimeSpan.FromMinutes(1));
        var generation = bench.Intake.Plan.Generation;
        report.State = NodeSchemeState.Active;
        await bench.Loop.Pass(TimeSpan.FromMinutes(1));

        Written(bench).Should().Be("Active");
        bench.Intake.Plan.Generation.Should().Be(generation);
    });

    [Fact]
    public void Writes_are_at_least_the_gap_apart_however_often_the_state_changes() => Run(async (bench, report, _) =>
    {
        for (var second = 0; second < 1200; second++)
        {
            report.State = second / 20 % 2 == 0 ? NodeSchemeState.Active : NodeSchemeState.Observing;
            await bench.Loop.Pass(TimeSpan.FromSeconds(1));
        }

        var times = Applies(bench).Select(request => request.At).ToList();
        times.Should().HaveCountGreaterThan(5);
        times.Zip(times.Skip(1)).Should().OnlyContain(pair => pair.Second - pair.First >= SchemeStatusBook.LeastGap);
    });

    [Fact]
    public void Conflicts_are_tried_again_at_once() => Run(async (bench, _, writer) =>
    {
        var conflicts = 3;
        bench.Server.Faults = request => request.Verb == FakeVerb.Apply && conflicts-- > 0 ? FakeFault.Answers(409, "Conflict") : null;
        await bench.Loop.Pass(TimeSpan.FromMinutes(1));

        Written(bench).Should().Be("Observing");
        writer.Counts.Should().Be((1, 0));
    });

    [Theory]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(409)]
    [InlineData(0)]
    public void A_server_that_refuses_for_an_hour_is_asked_seldom_and_has_the_newest_state_soon_after(int code) => Run(async (bench, report, writer) =>
    {
        bench.Server.Faults = request => request.Verb != FakeVerb.Apply ? null : code == 0 ? FakeFault.Unreachable : FakeFault.Answers(code, "Conflict");
        await bench.Loop.Pass(TimeSpan.FromHours(1));
        report.State = NodeSchemeState.Active;
        var asked = Applies(bench).Count;
        writer.Counts.Failed.Should().BeInRange(10, 25, "the waits grow to four minutes");
        asked.Should().Be((int)writer.Counts.Failed * 5);

        bench.Server.Faults = static _ => null;
        await bench.Loop.Pass(SchemeStatusBook.MaxRetryGap + SchemeStatusBook.GapJitter + TimeSpan.FromSeconds(2));
        Written(bench).Should().Be("Active");
    });

    [Fact]
    public void Without_an_object_nothing_is_written_and_none_is_made() => Run(async (bench, _, _) =>
    {
        bench.Server.Delete(ClusterBench.Plans, "", ClusterBench.NodeName);
        await bench.Loop.Pass(TimeSpan.FromHours(1));

        Applies(bench).Should().BeEmpty();
        bench.Server.Objects(ClusterBench.Plans).Should().BeEmpty();
    });

    [Fact]
    public void An_object_that_is_made_anew_gets_its_status_though_nothing_has_changed() => Run(async (bench, _, _) =>
    {
        await bench.Loop.Pass(TimeSpan.FromMinutes(10));
        bench.Server.Delete(ClusterBench.Plans, "", ClusterBench.NodeName);
        bench.PutPlan("Enforce");
        Written(bench).Should().BeNull();
        await bench.Loop.Pass(TimeSpan.FromMinutes(1));

        Written(bench).Should().Be("Observing");
        Applies(bench).Should().HaveCount(2);
    });

    [Fact]
    public void An_object_that_is_made_anew_while_a_write_is_on_its_way_gets_its_status() => Run(async (bench, _, _) =>
    {
        // The first write reaches the server only when the object is another one already.
        var isFirst = true;
        bench.Server.Faults = request =>
        {
            if (request.Verb != FakeVerb.Apply || !isFirst)
            {
                return null;
            }

            isFirst = false;
            return FakeFault.Slow(TimeSpan.FromSeconds(20));
        };
        await bench.Loop.Pass(TimeSpan.FromSeconds(10));
        bench.Server.Delete(ClusterBench.Plans, "", ClusterBench.NodeName);
        bench.PutPlan("Enforce");
        await bench.Loop.Pass(TimeSpan.FromMinutes(2));

        Written(bench).Should().Be("Observing");
    });

    [Fact]
    public void There_is_never_more_than_one_write_on_its_way() => Run(async (bench, report, writer) =>
    {
        bench.Server.Faults = static request => request.Verb == FakeVerb.Apply ? FakeFault.Hangs : null;
        for (var second = 0; second < 140; second++)
        {
            report.Trips++;
            await bench.Loop.Pass(TimeSpan.FromSeconds(1));
        }

        // Each attempt takes its 30 s; they follow one another.
        var times = Applies(bench).Select(request => request.At).ToList();
        times.Zip(times.Skip(1)).Should().OnlyContain(pair => pair.Second - pair.First >= TimeSpan.FromSeconds(30));
        writer.Counts.Written.Should().Be(0);
    });

    [Fact]
    public void A_trip_is_written_within_two_seconds() => Run(async (bench, report, _) =>
    {
        await bench.Loop.Pass(TimeSpan.FromSeconds(10));
        var before = Applies(bench).Count;
        report.Trips++;
        await bench.Loop.Pass(TimeSpan.FromSeconds(2));

        Applies(bench).Should().HaveCount(before + 1);
        ((long?)bench.Status()!["schemes"]![0]!["trips"]).Should().Be(1);
    });

    private static List<FakeRequest> Applies(ClusterBench bench) => [.. bench.Server.Requests.Where(request => request.Verb == FakeVerb.Apply)];

    private static string? Written(ClusterBench bench) => (string?)bench.Status()?["schemes"]?[0]?["state"];

    private static void Run(Func<ClusterBench, Reported, StatusWriter, Task> body) => VirtualLoop.Run(async loop =>
    {
        using var bench = new ClusterBench(loop);
        using var stop = new CancellationTokenSource();
        var report = new Reported();
        var writer = new StatusWriter(
            new ServerSideApply(bench.Client, StatusWriter.FieldManager, new ServerSideApplyOptions(), loop, seed: 2),
            ClusterBench.NodeName,
            report.Now,
            () => bench.Feed.PlanUid,
            new SchemeStatusBook(loop, new RandomSource(3)),
            new SilentLog(),
            loop);
        bench.PutPlan("Enforce");
        bench.Start();
        var writing = writer.RunAsync(stop.Token);
        await body(bench, report, writer);
        stop.Cancel();
        await writing;
        await bench.StopAsync();
    });

    private sealed class Reported
    {
        public NodeSchemeState State { get; set; } = NodeSchemeState.Observing;

        public long Trips { get; set; }

        public NodeReport Now() => new()
        {
            ObservedGeneration = 1,
            AgentVersion = "0.1.0",
            Schemes = [new SchemeReport { Name = "cold", AppliedHash = "h", State = State, Trips = Trips }],
            Conditions = [new ConditionReport("Ready", true, "PlanTakenUp")],
        };
    }
}
