using System.Text.Json.Nodes;
using CsCheck;
using Damon.Testing;
using Damon.Testing.ApiServer;

namespace Damon.Operator.Tests.Cluster;

/// <summary>Whatever the API server does, the end is that of an undisturbed run, and it is not asked in a hot loop on the way.</summary>
public class FaultTests
{
    private const int Nodes = 25;

    /// <summary>How many requests there may be in any second of a fault: the writes of all nodes at once, and some.</summary>
    private const int BusiestSecond = 120;

    private static readonly Lazy<string> Undisturbed = new(() => RunChange(static (_, _) => Task.CompletedTask));

    public static TheoryData<string> Names => [.. Faults.Keys];

    private static readonly Dictionary<string, Func<FakeRequest, int, FakeFault?>> Faults = new(StringComparer.Ordinal)
    {
        ["every second write is a conflict"] = static (request, number) => request.IsWrite && number % 2 == 0 ? FakeFault.Answers(409, "Conflict") : null,
        ["writes are throttled"] = static (request, number) => request.IsWrite && number % 3 != 0 ? FakeFault.Answers(429, "TooManyRequests", TimeSpan.FromSeconds(2)) : null,
        ["the server fails"] = static (_, number) => number % 3 == 0 ? FakeFault.Answers(500, "InternalError") : null,
        ["the server fails always"] = static (_, _) => FakeFault.Answers(500, "InternalError"),
        ["the server is out of reach"] = static (_, _) => FakeFault.Unreachable,
        ["answers are lost"] = static (request, number) => request.IsWrite && number % 2 == 0 ? FakeFault.AnswerLost : null,
        ["answers break off"] = static (_, number) => number % 3 == 0 ? FakeFault.CutOff : null,
        ["requests hang"] = static (_, number) => number % 4 == 0 ? FakeFault.Hangs : null,
        ["lists are slow"] = static (request, _) => request.Verb == FakeVerb.List ? FakeFault.Slow(TimeSpan.FromSeconds(50)) : null,
        ["all is slow"] = static (_, _) => FakeFault.Slow(TimeSpan.FromSeconds(2)),
        ["lists expire between pages"] = static (request, _) => request.IsContinued ? FakeFault.Answers(410, "Expired") : null,
        ["watches are gone"] = static (request, _) => request.Verb == FakeVerb.Watch ? FakeFault.Answers(410, "Expired") : null,
        ["nobody is known"] = static (_, _) => FakeFault.Answers(401, "Unauthorized"),
        ["nothing is allowed"] = static (request, _) => request.Plural == "leases" ? null : FakeFault.Answers(403, "Forbidden"),
        ["plans may not be written"] = static (request, _) => request.IsWrite && request.Plural == "damonnodes" ? FakeFault.Answers(403, "Forbidden") : null,
        ["plans are refused"] = static (request, _) => request.IsWrite && request.Plural == "damonnodes" ? FakeFault.Answers(422, "Invalid") : null,
        ["statuses are refused"] = static (request, _) => request.Subresource == "status" ? FakeFault.Answers(422, "Invalid") : null,
        ["kinds are not known"] = static (request, _) => request.Group == "damon.dev" ? FakeFault.Answers(404, "NotFound") : null,
    };

    /// <summary>The fault lasts for four minutes, in which one scheme is changed; then the server is well.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void After_each_fault_the_end_is_that_of_an_undisturbed_run(string name)
    {
        RunChange(async (bench, change) =>
        {
            var number = 0;
            var from = bench.Loop.Elapsed;
            bench.Faults = request => Faults[name](request, number++);
            change();
            await bench.Loop.Pass(TimeSpan.FromMinutes(4));
            bench.Faults = static _ => null;
            bench.BusiestSecond(from).Should().BeLessThanOrEqualTo(BusiestSecond);
            var minutes = bench.Requests.Where(request => request.Plural != "leases" && request.At >= from).GroupBy(request => (long)request.At.TotalMinutes).Select(minute => minute.Count());
            minutes.Max().Should().BeLessThanOrEqualTo(20 * 60, "no more than twenty a second for a minute");
        }).Should().Be(Undisturbed.Value);
    }

    /// <summary>It must not look as if there were no schemes, no nodes and no configuration: plans would be emptied that are in force.</summary>
    [Theory]
    [InlineData("damon.dev")]
    [InlineData("")]
    public void Kinds_that_are_not_known_for_minutes_change_no_plan(string group) => OperatorBench.Run(async bench =>
    {
        await ConvergenceTests.SettledAsync(bench, Nodes);
        await bench.Loop.Pass(TimeSpan.FromMinutes(1));
        var before = Generations(bench);
        bench.Faults = request => request.Group == group ? FakeFault.Answers(404, "NotFound") : null;
        bench.Server.DropWatches();
        await bench.Loop.Pass(TimeSpan.FromMinutes(4));
        bench.Faults = static _ => null;
        await bench.Loop.Pass(TimeSpan.FromMinutes(3));
        Generations(bench).Should().Equal(before);
    });

    [Theory]
    [InlineData(nameof(FakeApiServer.DropWatches))]
    [InlineData(nameof(FakeApiServer.EndWatches))]
    [InlineData(nameof(FakeApiServer.CutWatches))]
    [InlineData(nameof(FakeApiServer.GarbleWatches))]
    [InlineData(nameof(FakeApiServer.ExpireWatches))]
    [InlineData(nameof(FakeApiServer.SilenceWatches))]
    public void Watches_that_break_lose_nothing(string how)
    {
        RunChange(async (bench, change) =>
        {
            for (var time = 0; time < 5; time++)
            {
                typeof(FakeApiServer).GetMethod(how)!.Invoke(bench.Server, null);
                if (time == 2)
                    change();
                await bench.Loop.Pass(TimeSpan.FromSeconds(7));
            }

            // A half-open watch is found by its own time, ten minutes at the most.
            await bench.Loop.Pass(TimeSpan.FromMinutes(12));
        }).Should().Be(Undisturbed.Value);
    }

    [Fact]
    public void A_server_that_has_forgotten_all_versions_is_listed_anew_once() => OperatorBench.Run(async bench =>
    {
        await ConvergenceTests.SettledAsync(bench, Nodes);
        await bench.Loop.Pass(TimeSpan.FromMinutes(1));
        var before = bench.FinalState();
        var from = bench.Loop.Elapsed;
        bench.Server.Compact();
        bench.Server.DropWatches();
        bench.Server.Delete(FakeKind.Nodes, "", "n0001");
        bench.Server.Delete(bench.DamonNodes, "", "n0001");
        bench.Server.Compact();
        await bench.Loop.Pass(TimeSpan.FromMinutes(2));
        bench.Requests.Count(request => request.At >= from && request.Verb == FakeVerb.List).Should().BeInRange(1, 8);
        bench.Hashes("cold").Should().HaveCount(Nodes - 1);
        bench.Count("cold", "updated").Should().Be(Nodes - 1);
        bench.FinalState().Should().NotBe(before);
    });

    /// <summary>What an outage of ten minutes costs: as many requests a pause as there are workers, and the lists and watches.</summary>
    [Fact]
    public void An_outage_in_the_middle_of_a_change_is_waited_out_quietly_and_then_all_is_written_at_once() => OperatorBench.Run(async bench =>
    {
        await ConvergenceTests.SettledAsync(bench, nodes: 200);
        bench.ChangeScheme("cold", Specs.WithQuota(Specs.Observe, "4Mi"));
        await bench.Loop.Pass(TimeSpan.FromSeconds(0.2));
        var from = bench.Loop.Elapsed;
        bench.Faults = static _ => FakeFault.Unreachable;
        await bench.Loop.Pass(TimeSpan.FromMinutes(10));
        var during = bench.Requests.Count(request => request.At >= from);
        during.Should().BeLessThan(1500, "a lease each two seconds, eight watches, and eight writes a pause");
        bench.Faults = static _ => null;
        await bench.UntilAsync(() => bench.Hashes("cold").Values.Distinct().Count() == 1 && bench.Ready("cold") == "True", TimeSpan.FromMinutes(2), "the rest of the change");
    });

    [Fact]
    public void A_server_that_asks_for_a_minute_is_not_written_to_for_a_minute() => OperatorBench.Run(async bench =>
    {
        await ConvergenceTests.SettledAsync(bench, Nodes);
        var isAsked = false;
        bench.Faults = request => request is { IsWrite: true, Plural: "damonnodes" } && !isAsked && (isAsked = true) ? FakeFault.Answers(429, "TooManyRequests", TimeSpan.FromSeconds(60)) : null;
        bench.ChangeScheme("cold", Specs.WithQuota(Specs.Observe, "4Mi"));
        await bench.UntilAsync(() => isAsked, TimeSpan.FromSeconds(30), "the first write");
        await bench.Loop.Pass(TimeSpan.FromSeconds(1));
        var from = bench.Loop.Elapsed;
        await bench.Loop.Pass(TimeSpan.FromSeconds(57));
        bench.Writes.Where(request => request.At >= from).Should().BeEmpty();
        await bench.UntilAsync(() => bench.Ready("cold") == "True" && bench.Count("cold", "updated") == Nodes, TimeSpan.FromMinutes(1), "the change");
    });

    /// <summary>One write that is refused again and again holds no other up.</summary>
    [Fact]
    public void A_node_whose_plan_is_refused_holds_no_other_node_up() => OperatorBench.Run(async bench =>
    {
        await ConvergenceTests.SettledAsync(bench, Nodes);
        var from = bench.Loop.Elapsed;
        bench.Faults = static request => request is { IsWrite: true, Plural: "damonnodes", Name: "n0003" } ? FakeFault.Answers(422, "Invalid") : null;
        bench.ChangeScheme("cold", Specs.WithQuota(Specs.Observe, "4Mi"));
        await bench.UntilAsync(() => bench.Count("cold", "updated") == Nodes - 1, TimeSpan.FromMinutes(1), "all but one");
        await bench.Loop.Pass(TimeSpan.FromMinutes(10));
        bench.Writes.Count(request => request.At >= from && request.Name == "n0003").Should().BeInRange(10, 40, "a minute apart in the end");
        bench.Ready("cold").Should().Be("False");
    });

    private enum Mishap
    {
        None,
        Unreachable,
        Failure,
        Conflict,
        AnswerLost,
        Throttled,
        Hang,
        Drop,
        Expire,
        Compact,
        Restart,
        Kill,
        Pause,
    }

    /// <summary>Whatever goes wrong in whatever order while schemes change and nodes come and go: in the end every node has what it should.</summary>
    [Fact]
    public void Any_order_of_mishaps_ends_where_an_undisturbed_run_ends() => Check.Sample(
        Gen.Select(Gen.Int[0, (int)Mishap.Pause].Select(mishap => (Mishap)mishap), Gen.Int[1, 40]).Array[1, 12],
        steps => OperatorBench.Run(async bench =>
        {
            var current = await ConvergenceTests.SettledAsync(bench, nodes: 8);
            var (number, name) = (0, 'a');
            var isPaused = false;
            foreach (var (mishap, seconds) in steps)
            {
                number++;
                bench.Faults = request => mishap switch
                {
                    Mishap.Unreachable => FakeFault.Unreachable,
                    Mishap.Failure => FakeFault.Answers(500, "InternalError"),
                    Mishap.Conflict when request.IsWrite => FakeFault.Answers(409, "Conflict"),
                    Mishap.AnswerLost when request.IsWrite => FakeFault.AnswerLost,
                    Mishap.Throttled when request.IsWrite => FakeFault.Answers(429, "TooManyRequests", TimeSpan.FromSeconds(1)),
                    Mishap.Hang => FakeFault.Hangs,
                    _ => null,
                };
                bench.ChangeScheme("cold", Specs.WithQuota(Specs.Observe, $"{number + 10}Mi"));
                switch (mishap)
                {
                    case Mishap.Drop:
                        bench.Server.DropWatches();
                        break;
                    case Mishap.Expire:
                        bench.Server.ExpireWatches();
                        break;
                    case Mishap.Compact:
                        bench.Server.Compact();
                        bench.Server.DropWatches();
                        break;
                    case Mishap.Restart:
                        if (isPaused)
                            current.Resume();
                        isPaused = false;
                        _ = current.EndAsync();
                        current = bench.Start($"{++name}");
                        break;
                    case Mishap.Kill:
                        current.Kill();
                        isPaused = false;
                        current = bench.Start($"{++name}");
                        break;
                    case Mishap.Pause when !isPaused:
                        current.Stop();
                        isPaused = true;
                        break;
                    case Mishap.Pause:
                        current.Resume();
                        isPaused = false;
                        break;
                }

                await bench.Loop.Pass(TimeSpan.FromSeconds(seconds));
            }

            if (isPaused)
                current.Resume();
            bench.Faults = static _ => null;
            await bench.UntilAsync(
                () => bench.Ready("cold") == "True" && bench.Count("cold", "updated") == 8 && bench.Scheme("cold")!["status"]!["observedGeneration"]!.GetValue<int>() == number + 1,
                TimeSpan.FromMinutes(20),
                "the last change");
            bench.Hashes("cold").Values.Distinct().Should().ContainSingle();
            PlanEntry.SpecOf(bench.DamonNode("n0000")!["spec"]!["schemes"]!.AsArray().Single(entry => entry!["name"]!.GetValue<string>() == "cold"))["quota"]!["size"]!.GetValue<string>()
                .Should().Be($"{number + 10}Mi");
        }),
        iter: 60,
        threads: 1);

    private static IEnumerable<int> Generations(OperatorBench bench) => [.. bench.Server.Objects(FakeKind.DamonNodes).Select(node => node["metadata"]!["generation"]!.GetValue<int>())];

    /// <summary>A cluster on which two schemes are through, a change of one, something on the way, and the end.</summary>
    private static string RunChange(Func<OperatorBench, Action, Task> during)
    {
        var end = "";
        OperatorBench.Run(async bench =>
        {
            var isChanged = false;
            await ConvergenceTests.SettledAsync(bench, Nodes);
            await during(bench, Change);
            if (!isChanged)
                Change();
            await bench.UntilAsync(
                () => bench.Ready("cold") == "True" && bench.Ready("acting") == "True" && bench.Count("cold", "updated") == Nodes
                    && bench.Scheme("cold")!["status"]!["observedGeneration"]!.GetValue<int>() == 2,
                TimeSpan.FromMinutes(15),
                "the change");
            await bench.Loop.Pass(TimeSpan.FromMinutes(2));
            end = bench.FinalState();

            void Change()
            {
                isChanged = true;
                bench.ChangeScheme("cold", Specs.WithQuota(Specs.Observe, "4Mi"));
            }
        });
        return end;
    }
}
