using System.Text.Json.Nodes;
using CsCheck;
using Damon.Kubernetes.Leases;
using Damon.Kubernetes.Requests;
using Damon.Kubernetes.Tests.Conformance;
using Damon.Testing;
using Damon.Testing.ApiServer;

namespace Damon.Kubernetes.Tests.Leases;

public class LeaderElectorTests
{
    [Fact]
    public void A_free_lease_is_taken_at_once_and_renewed() => Run(async bench =>
    {
        var a = bench.Start("a");
        await bench.Loop.Pass(TimeSpan.FromMinutes(10));
        a.IsLeader.Should().BeTrue();
        a.Terms.Should().Be(1);
        bench.Lease()["holderIdentity"]!.GetValue<string>().Should().Be("a");
        bench.Lease()["leaseTransitions"]!.GetValue<int>().Should().Be(0);
        bench.Server.Requests.Count(request => request.Verb == FakeVerb.Update).Should().BeInRange(280, 310, "one renewal in two seconds");
    });

    [Theory]
    [InlineData(-3600)]
    [InlineData(3600)]
    public void A_clock_that_is_off_by_an_hour_neither_steals_a_lease_nor_misses_its_end(int seconds) => Run(async bench =>
    {
        var a = bench.Start("a");
        await bench.Loop.Pass(TimeSpan.FromSeconds(5));
        var b = bench.Start("b", TimeSpan.FromSeconds(seconds));
        await bench.Loop.Pass(TimeSpan.FromMinutes(10));
        a.Terms.Should().Be(1);
        b.Terms.Should().Be(0);
        a.Clock.Stop();
        await bench.Loop.Pass(TimeSpan.FromSeconds(22));
        b.IsLeader.Should().BeTrue();
        bench.Lease()["leaseTransitions"]!.GetValue<int>().Should().Be(1);
        a.Clock.Resume();
        await bench.Loop.Pass(TimeSpan.FromSeconds(1));
    });

    [Fact]
    public void A_leader_that_was_stopped_past_its_lease_writes_nothing_on_waking() => Run(async bench =>
    {
        var a = bench.Start("a");
        await bench.Loop.Pass(TimeSpan.FromSeconds(5));
        var b = bench.Start("b");
        await bench.Loop.Pass(TimeSpan.FromSeconds(5));
        a.Clock.Stop();
        await bench.Loop.Pass(TimeSpan.FromMinutes(1));
        b.IsLeader.Should().BeTrue();
        a.HasToken.Should().BeTrue("nothing has run yet that could have told it");
        (await a.WriteAsync()).Should().Be(ApiFailureKind.Fenced);
        (await b.WriteAsync()).Should().BeNull();
        a.Clock.Resume();
        await bench.Loop.Pass(TimeSpan.FromSeconds(1));
        a.HasToken.Should().BeFalse();
        (await a.WriteAsync()).Should().Be(ApiFailureKind.Fenced);
    });

    [Fact]
    public void A_leader_that_cannot_renew_stops_acting_before_another_takes_over() => Run(async bench =>
    {
        var a = bench.Start("a");
        await bench.Loop.Pass(TimeSpan.FromSeconds(5));
        bench.Server.Faults = request => request.Verb == FakeVerb.Update ? FakeFault.Hangs : null;
        await bench.Loop.Pass(TimeSpan.FromSeconds(12.5));
        a.IsLeader.Should().BeFalse();
        a.HasToken.Should().BeFalse();
        bench.Server.Faults = static _ => null;
        await bench.Loop.Pass(TimeSpan.FromSeconds(10));
        a.IsLeader.Should().BeTrue("it stands again, and is known");
        a.Terms.Should().Be(2);
    });

    [Fact]
    public void A_wall_clock_that_jumps_ahead_ends_a_term_early_and_one_that_jumps_back_changes_nothing() => Run(async bench =>
    {
        var a = bench.Start("a");
        await bench.Loop.Pass(TimeSpan.FromSeconds(5));
        a.Clock.Shift = TimeSpan.FromHours(-1);
        await bench.Loop.Pass(TimeSpan.FromSeconds(1));
        a.IsLeader.Should().BeTrue();
        await bench.Loop.Pass(TimeSpan.FromSeconds(5));
        a.Clock.Shift = TimeSpan.Zero;
        a.IsLeader.Should().BeFalse("the machine may have slept for that hour");
    });

    [Fact]
    public void A_renewal_whose_answer_was_lost_costs_nothing() => Run(async bench =>
    {
        var a = bench.Start("a");
        await bench.Loop.Pass(TimeSpan.FromSeconds(5));
        var number = 0;
        bench.Server.Faults = request => request.Verb == FakeVerb.Update && ++number % 3 == 0 ? FakeFault.AnswerLost : null;
        await bench.Loop.Pass(TimeSpan.FromMinutes(5));
        a.IsLeader.Should().BeTrue();
        a.Terms.Should().Be(1);
    });

    [Fact]
    public void What_others_write_into_a_lease_stays_and_costs_no_term() => Run(async bench =>
    {
        var a = bench.Start("a");
        await bench.Loop.Pass(TimeSpan.FromSeconds(5));
        var lease = bench.Server.Objects(FakeKind.Leases).Single();
        lease["metadata"]!["labels"] = new JsonObject { ["by"] = "someone" };
        lease["spec"]!["strategy"] = "OldestEmulationVersion";
        bench.Server.Put(FakeKind.Leases, lease);
        await bench.Loop.Pass(TimeSpan.FromSeconds(30));
        a.Terms.Should().Be(1);
        bench.Server.Objects(FakeKind.Leases).Single()["metadata"]!["labels"]!["by"]!.GetValue<string>().Should().Be("someone");
        bench.Lease()["strategy"]!.GetValue<string>().Should().Be("OldestEmulationVersion");
    });

    [Fact]
    public void A_lease_that_somebody_takes_by_force_is_given_up() => Run(async bench =>
    {
        var a = bench.Start("a");
        await bench.Loop.Pass(TimeSpan.FromSeconds(5));
        var lease = bench.Server.Objects(FakeKind.Leases).Single();
        lease["spec"]!["holderIdentity"] = "thief";
        bench.Server.Put(FakeKind.Leases, lease);
        await bench.Loop.Pass(TimeSpan.FromSeconds(3));
        a.IsLeader.Should().BeFalse();
        a.HasToken.Should().BeFalse();
        a.Holder.Should().Be("thief");
        await bench.Loop.Pass(TimeSpan.FromSeconds(20));
        a.IsLeader.Should().BeTrue("the thief never renews");
    });

    [Fact]
    public void A_lease_with_an_absurd_duration_is_not_waited_for() => Run(async bench =>
    {
        bench.Server.Put(
            FakeKind.Leases,
            """{"metadata":{"namespace":"ns","name":"lease"},"spec":{"holderIdentity":"gone","leaseDurationSeconds":100000000,"renewTime":"2020-01-01T00:00:00.000000Z"} }""");
        var a = bench.Start("a");
        await bench.Loop.Pass(TimeSpan.FromSeconds(14));
        a.IsLeader.Should().BeFalse();
        await bench.Loop.Pass(TimeSpan.FromSeconds(6));
        a.IsLeader.Should().BeTrue();
    });

    [Fact]
    public void A_stop_ends_the_work_and_gives_the_lease_back() => Run(async bench =>
    {
        var a = bench.Start("a");
        var b = bench.Start("b");
        await bench.Loop.Pass(TimeSpan.FromSeconds(20));
        var (leader, other) = a.IsLeader ? (a, b) : (b, a);
        await leader.StopAsync();
        bench.Lease()["holderIdentity"]!.GetValue<string>().Should().BeEmpty();
        leader.IsLeader.Should().BeFalse();
        await bench.Loop.Pass(TimeSpan.FromSeconds(4));
        other.IsLeader.Should().BeTrue();
    });

    [Fact]
    public void Work_that_winds_up_slowly_keeps_the_lease_meanwhile() => Run(async bench =>
    {
        var a = bench.Start("a", windUp: TimeSpan.FromMinutes(1));
        await bench.Loop.Pass(TimeSpan.FromSeconds(5));
        var b = bench.Start("b");
        var stopping = a.StopAsync();
        await bench.Loop.Pass(TimeSpan.FromSeconds(55));
        a.IsLeader.Should().BeTrue();
        b.IsLeader.Should().BeFalse();
        await stopping;
        await bench.Loop.Pass(TimeSpan.FromSeconds(4));
        b.IsLeader.Should().BeTrue();
    });

    private enum Mishap
    {
        None,
        Unreachable,
        Hang,
        AnswerLost,
        Conflict,
        Slow,
        StopOne,
        ResumeOne,
    }

    /// <summary>The one law that matters, asked at every step of time: never two that may act.</summary>
    [Fact]
    public void Never_do_two_lead_whatever_goes_wrong() => Check.Sample(
        Gen.Select(Gen.Int[0, (int)Mishap.ResumeOne].Select(mishap => (Mishap)mishap), Gen.Int[0, 2], Gen.Int[1, 120]).Array[1, 30],
        steps => VirtualLoop.Run(async loop =>
        {
            var bench = new Bench(loop);
            Candidate[] candidates = [bench.Start("a"), bench.Start("b", TimeSpan.FromHours(2)), bench.Start("c", TimeSpan.FromHours(-2))];
            foreach (var (mishap, at, quarters) in steps)
            {
                if (mishap == Mishap.StopOne)
                    candidates[at].Clock.Stop();
                else if (mishap == Mishap.ResumeOne)
                    candidates[at].Clock.Resume();
                bench.Server.Faults = _ => mishap switch
                {
                    Mishap.Unreachable => FakeFault.Unreachable,
                    Mishap.Hang => FakeFault.Hangs,
                    Mishap.AnswerLost => FakeFault.AnswerLost,
                    Mishap.Conflict => FakeFault.Answers(409, "Conflict"),
                    Mishap.Slow => FakeFault.Slow(TimeSpan.FromSeconds(at * 3)),
                    _ => null,
                };
                for (var quarter = 0; quarter < quarters; quarter++)
                {
                    await loop.Pass(TimeSpan.FromSeconds(0.25));
                    candidates.Count(candidate => candidate.IsLeader).Should().BeLessThanOrEqualTo(1);
                }
            }

            bench.Server.Faults = static _ => null;
            foreach (var candidate in candidates)
                candidate.Clock.Resume();
            await loop.Pass(TimeSpan.FromMinutes(1));
            candidates.Count(candidate => candidate.IsLeader).Should().Be(1);
            await bench.StopAllAsync();
        }),
        iter: 150,
        threads: 1);

    private static void Run(Func<Bench, Task> body) => VirtualLoop.Run(async loop =>
    {
        var bench = new Bench(loop);
        await body(bench);
        bench.Server.Faults = static _ => null;
        await bench.StopAllAsync();
    });

    private sealed class Bench(VirtualLoop loop)
    {
        private readonly List<Candidate> _candidates = [];

        public VirtualLoop Loop => loop;

        public FakeApiServer Server { get; } = new(loop, FakeKind.Leases, FakeUnderTest.WidgetKind);

        public Candidate Start(string identity, TimeSpan shift = default, TimeSpan windUp = default)
        {
            var candidate = new Candidate(this, identity, shift, windUp, (ulong)_candidates.Count);
            _candidates.Add(candidate);
            return candidate;
        }

        public JsonObject Lease() => (JsonObject)Server.Objects(FakeKind.Leases).Single()["spec"]!;

        public async Task StopAllAsync()
        {
            foreach (var candidate in _candidates)
                await candidate.StopAsync();
            _candidates.ForEach(candidate => candidate.Dispose());
            _candidates.Clear();
        }
    }

    private sealed class Candidate : IDisposable
    {
        private readonly LeaderElector _elector;
        private readonly ApiClient _writer;
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _running;

        public Candidate(Bench bench, string identity, TimeSpan shift, TimeSpan windUp, ulong seed)
        {
            Clock = new ShiftedClock(bench.Loop, shift);
            var client = FakeUnderTest.ClientOf(bench.Server, Clock);
            _elector = new LeaderElector(client, new LeaderElectionOptions("ns", "lease", identity), Clock, seed);
            _writer = client.Fenced(() => _elector.IsLeader);
            _running = _elector.RunAsync(
                async term =>
                {
                    Terms++;
                    HasToken = true;
                    await using var registration = term.Register(() => HasToken = false);
                    try
                    {
                        await Task.Delay(Timeout.InfiniteTimeSpan, Clock, term);
                    }
                    finally
                    {
                        await Task.Delay(windUp, Clock, CancellationToken.None);
                    }
                },
                _stop.Token);
        }

        public ShiftedClock Clock { get; }

        public bool IsLeader => _elector.IsLeader;

        public string? Holder => _elector.Holder;

        public int Terms { get; private set; }

        public bool HasToken { get; private set; }

        public async Task<ApiFailureKind?> WriteAsync() =>
            (await _writer.CreateAsync(ApiServerUnderTest.Widgets, "", ApiServerUnderTest.Widget($"w{Clock.GetTimestamp()}", 1, "a"), CancellationToken.None)).Failure?.Kind;

        public async Task StopAsync()
        {
            _stop.Cancel();
            await _running;
        }

        public void Dispose() => _stop.Dispose();
    }
}
