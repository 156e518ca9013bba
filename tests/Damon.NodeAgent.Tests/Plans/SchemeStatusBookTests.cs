using CsCheck;
using Damon.Api.Nodes;
using Damon.Engine.Regions;
using Damon.NodeAgent.Plans;
using Damon.Testing;

namespace Damon.NodeAgent.Tests.Plans;

public class SchemeStatusBookTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly VirtualTime _time = new();
    private readonly SchemeStatusBook _book;

    public SchemeStatusBookTests() => _book = new(_time, new RandomSource(1));

    [Fact]
    public void Before_a_report_nothing_is_written() => (_book.DueIn, _book.TakeDue()).Should().Be((null, null));

    [Fact]
    public void The_first_report_is_written_within_seconds()
    {
        Report(NodeSchemeState.Observing);
        Wait(until: 5).Should().BeInRange(0, 5);
    }

    [Fact]
    public void A_changed_plan_is_echoed_as_late_as_it_asks_for_and_the_first_one_at_once()
    {
        _book.Report(Node() with { EchoAfter = TimeSpan.FromSeconds(50) });
        Wait(until: 5).Should().BeInRange(0, 5);
        _time.Advance(TimeSpan.FromMinutes(1));

        _book.Report(Node() with { ObservedGeneration = 2, EchoAfter = TimeSpan.FromSeconds(50) });
        _book.DueIn!.Value.TotalSeconds.Should().BeInRange(50, 55);

        // Whatever else happens meanwhile goes with it, and does not begin its time anew.
        _time.Advance(TimeSpan.FromSeconds(40));
        _book.Report(Node() with { ObservedGeneration = 2, EchoAfter = TimeSpan.FromSeconds(50), Schemes = [Scheme() with { State = NodeSchemeState.Degraded }] });
        _book.DueIn!.Value.TotalSeconds.Should().BeInRange(10, 15);
    }

    [Fact]
    public void A_change_of_state_under_a_plan_that_is_echoed_does_not_wait_for_what_that_plan_asked()
    {
        WriteFirst();
        _time.Advance(TimeSpan.FromMinutes(1));
        _book.Report(Node() with { EchoAfter = TimeSpan.FromSeconds(50), Schemes = [Scheme() with { State = NodeSchemeState.Degraded }] });
        _book.DueIn!.Value.TotalSeconds.Should().BeInRange(0, 5);
    }

    [Fact]
    public void A_later_plan_in_more_of_a_hurry_takes_what_waits_with_it()
    {
        WriteFirst();
        _time.Advance(TimeSpan.FromMinutes(1));
        _book.Report(Node() with { ObservedGeneration = 2, EchoAfter = TimeSpan.FromSeconds(50) });
        _time.Advance(TimeSpan.FromSeconds(5));
        _book.Report(Node() with { ObservedGeneration = 3 });
        _book.DueIn!.Value.TotalSeconds.Should().BeInRange(0, 5);

        // And one in less of a hurry does not put it off.
        _book.Report(Node() with { ObservedGeneration = 4, EchoAfter = TimeSpan.FromSeconds(50) });
        _book.DueIn!.Value.TotalSeconds.Should().BeInRange(0, 5);
    }

    [Fact]
    public void The_wait_for_an_echo_is_served_once_whatever_becomes_of_the_write()
    {
        WriteFirst();
        _time.Advance(TimeSpan.FromMinutes(1));
        _book.Report(Node() with { ObservedGeneration = 2, EchoAfter = TimeSpan.FromSeconds(60) });
        _time.Advance(_book.DueIn!.Value);
        _book.TakeDue().Should().NotBeNull();
        _book.Failed();
        _book.DueIn!.Value.TotalSeconds.Should().BeInRange(30, 50, "the retry waits, and not the echo again");
    }

    [Fact]
    public void A_plan_that_came_during_a_write_waits_from_when_it_came()
    {
        WriteFirst();
        _time.Advance(TimeSpan.FromMinutes(1));
        Report(NodeSchemeState.Active);
        _time.Advance(TimeSpan.FromSeconds(5));
        _book.TakeDue().Should().NotBeNull();
        _book.Report(Node() with { ObservedGeneration = 2, EchoAfter = TimeSpan.FromSeconds(60) });
        _time.Advance(TimeSpan.FromSeconds(20));
        _book.Written();
        _book.DueIn!.Value.TotalSeconds.Should().BeInRange(40, 45);
    }

    [Fact]
    public void An_object_that_is_made_anew_is_told_of_at_once()
    {
        WriteFirst();
        _time.Advance(TimeSpan.FromMinutes(1));
        _book.Report(Node() with { ObservedGeneration = 2, EchoAfter = TimeSpan.FromSeconds(60) });
        _book.ForgetWritten();
        _book.DueIn!.Value.TotalSeconds.Should().BeInRange(0, 5);
    }

    [Fact]
    public void A_trip_waits_for_no_echo()
    {
        WriteFirst();
        _time.Advance(TimeSpan.FromMinutes(1));
        _book.Report(Node() with { ObservedGeneration = 2, EchoAfter = TimeSpan.FromSeconds(50), Schemes = [Scheme() with { Trips = 1 }] });
        _book.DueIn!.Value.Should().BeLessThanOrEqualTo(TimeSpan.Zero);
    }

    [Fact]
    public void What_does_not_change_is_written_once()
    {
        WriteFirst();
        for (var i = 0; i < 7200; i++)
        {
            _time.Advance(Second);
            Report(NodeSchemeState.Observing);
            _book.TakeDue().Should().BeNull();
        }
    }

    [Fact]
    public void Figures_alone_are_written_every_ten_minutes()
    {
        WriteFirst();
        var writes = new List<int>();
        for (var second = 1; second <= 3600; second++)
        {
            _time.Advance(Second);
            Report(NodeSchemeState.Observing, targets: second, cold: second * 4096);
            if (Write() is { } status)
            {
                writes.Add(second);
                status.Schemes[0].Effect!.ColdBytes.Should().Be(second * 4096);
            }
        }

        writes.Should().HaveCount(6);
        writes[0].Should().BeInRange(1, 645);
        writes.Zip(writes.Skip(1), (before, after) => after - before).Skip(1).Should().OnlyContain(gap => gap == 600);
    }

    [Fact]
    public void Nodes_that_have_written_together_refresh_their_figures_apart()
    {
        var inMinute = new int[10];
        for (var seed = 1UL; seed <= 1000; seed++)
        {
            var book = new SchemeStatusBook(_time, new RandomSource(seed));
            book.Report(Node());
            _time.Advance(TimeSpan.FromSeconds(5));
            book.TakeDue().Should().NotBeNull();
            book.Written();
            book.Report(Node() with { Schemes = [Scheme() with { Targets = 77 }] });
            inMinute[(int)Math.Min(9, book.DueIn!.Value.TotalMinutes)]++;
        }

        // A hundred each; what would come before the gap comes after it.
        inMinute.Should().OnlyContain(count => count > 50 && count < 170);
    }

    [Fact]
    public void A_change_of_state_is_written_after_the_gap_and_carries_when_it_was()
    {
        WriteFirst();
        _time.Advance(Second);
        Report(NodeSchemeState.Active);
        var changedAt = _time.GetUtcNow();
        Wait(until: 60).Should().BeInRange(29, 49);
        _time.Advance(TimeSpan.FromMinutes(5));
        Report(NodeSchemeState.Active, reason: "Other");
        Wait(until: 60).Should().BeInRange(0, 5);
        changedAt.Should().Be(DateTimeOffset.UnixEpoch.AddSeconds(changedAt.ToUnixTimeSeconds()));
    }

    [Fact]
    public void Since_is_when_state_and_reason_became_so()
    {
        WriteFirst();
        _time.Advance(TimeSpan.FromHours(1));
        Report(NodeSchemeState.Active);
        var since = _time.GetUtcNow();
        _time.Advance(TimeSpan.FromMinutes(1));
        Report(NodeSchemeState.Active, cold: 5);
        var written = Write()!.Schemes[0];
        (written.State, written.Since).Should().Be((NodeSchemeState.Active, since));
    }

    [Fact]
    public void A_change_that_is_taken_back_before_it_is_told_is_not_told()
    {
        WriteFirst();
        Report(NodeSchemeState.Active);
        Report(NodeSchemeState.Observing);
        _time.Advance(TimeSpan.FromMinutes(1));
        Report(NodeSchemeState.Observing);
        Write()?.Schemes[0].State.Should().Be(NodeSchemeState.Observing);
        _book.TakeDue().Should().BeNull();
    }

    // Each is written as a change of state, without waiting for ten minutes.
    [Fact]
    public void A_new_hash_generation_condition_capability_or_scheme_is_a_change()
    {
        NodeReport[] changes =
        [
            Node() with { ObservedGeneration = 2 },
            Node() with { Schemes = [Scheme() with { AppliedHash = "h2" }] },
            Node() with { Schemes = [Scheme() with { Conflicts = new() { Containers = 1, Winner = "b" } }] },
            Node() with { Schemes = [] },
            Node() with { Conditions = [new("Ready", false, "NoPlan")] },
            Node() with { Capabilities = [new() { Name = "Pageout", Available = true }] },
            Node() with { Kernel = "7.3" },
        ];
        foreach (var change in changes)
        {
            var book = new SchemeStatusBook(_time, new RandomSource(2));
            book.Report(Node());
            _time.Advance(TimeSpan.FromMinutes(1));
            book.TakeDue().Should().NotBeNull();
            book.Written();
            _time.Advance(TimeSpan.FromMinutes(1));
            book.Report(change);
            _time.Advance(TimeSpan.FromSeconds(5));
            book.TakeDue().Should().NotBeNull(change.ToString());
        }
    }

    [Fact]
    public void Messages_and_counts_of_conflicts_are_figures()
    {
        _book.Report(Node() with { Schemes = [Scheme() with { Conflicts = new() { Containers = 1, Winner = "b" }, Message = "1 of 3" }] });
        _time.Advance(TimeSpan.FromMinutes(1));
        Write().Should().NotBeNull();
        _book.Report(Node() with { Schemes = [Scheme() with { Conflicts = new() { Containers = 2, Winner = "c" }, Message = "2 of 3" }] });
        _book.DueIn.Should().BeGreaterThan(TimeSpan.FromSeconds(29)).And.BeLessThanOrEqualTo(TimeSpan.FromMinutes(10));
    }

    [Fact]
    public void Trips_are_written_at_once_three_in_a_row()
    {
        WriteFirst();
        for (var trips = 1; trips <= 3; trips++)
        {
            _time.Advance(Second);
            Report(NodeSchemeState.Backoff, trips: trips);
            Write()!.Schemes[0].Trips.Should().Be(trips);
        }

        _time.Advance(Second);
        Report(NodeSchemeState.Backoff, trips: 4);
        Write().Should().BeNull("three in a row were told at once");
        Wait(until: 60).Should().BeInRange(25, 45);
    }

    [Fact]
    public void Nothing_is_given_while_a_write_is_under_way()
    {
        Report(NodeSchemeState.Observing);
        _time.Advance(TimeSpan.FromMinutes(1));
        _book.TakeDue().Should().NotBeNull();
        Report(NodeSchemeState.Backoff, trips: 1);
        (_book.TakeDue(), _book.DueIn).Should().Be((null, null));
        _book.Written();
        _book.TakeDue()!.Schemes[0].State.Should().Be(NodeSchemeState.Backoff);
    }

    [Fact]
    public void A_write_that_failed_is_tried_again_and_later_each_time()
    {
        Report(NodeSchemeState.Observing);
        _time.Advance(TimeSpan.FromSeconds(5));
        var gaps = new List<double>();
        for (var i = 0; i < 6; i++)
        {
            _book.TakeDue().Should().NotBeNull();
            _book.Failed();
            gaps.Add(_book.DueIn!.Value.TotalSeconds);
            _time.Advance(_book.DueIn.Value);
        }

        gaps[0].Should().BeInRange(30, 45);
        gaps[1].Should().BeInRange(60, 75);
        gaps[2].Should().BeInRange(120, 135);
        gaps[3..].Should().OnlyContain(gap => gap >= 240 && gap <= 255, "a plan is echoed within five minutes of the server's return");
    }

    [Fact]
    public void Equal_seeds_write_at_equal_times_and_different_ones_do_not()
    {
        double FirstDue(ulong seed)
        {
            var book = new SchemeStatusBook(_time, new RandomSource(seed));
            book.Report(Node());
            return book.DueIn!.Value.TotalSeconds;
        }

        FirstDue(3).Should().Be(FirstDue(3));
        Enumerable.Range(0, 50).Select(seed => FirstDue((ulong)seed)).Distinct().Should().HaveCount(50);
    }

    // Every second something may change at random, and a tenth of the writes fails. Whatever the sequence is, the rules hold.
    [Fact]
    public void The_rules_of_writing_hold_under_any_sequence_of_changes() =>
        Gen.Select(Gen.ULong, Gen.Select(Gen.Int[0, 40], Gen.Int[0, 9], Gen.Int[0, 3]).Array[200, 1500], Gen.Int[0, 60]).Sample((seed, steps, echoAfter) =>
        {
            var time = new VirtualTime();
            var book = new SchemeStatusBook(time, new RandomSource(seed));
            var states = new[] { NodeSchemeState.Observing, NodeSchemeState.Active, NodeSchemeState.Backoff, NodeSchemeState.Stopped };
            var (state, trips, writtenTrips, cold, failing) = (0, 0L, 0L, 0L, false);
            double? dirtySince = null;
            double? tripSince = null;
            double? failedAt = null;
            var generation = 1L;
            (int State, long Trips, long Generation)? written = null;
            var writes = new List<double>();
            var atOnce = new List<double>();
            for (var second = 0; second < steps.Length; second++)
            {
                var (change, fault, next) = steps[second];
                if (change == 0)
                    state = next;
                if (change == 1)
                    trips++;
                if (change == 2)
                    generation++;
                if (change < 20)
                    cold += 4096;
                failing = fault == 0;
                book.Report(Node() with { ObservedGeneration = generation, EchoAfter = TimeSpan.FromSeconds(echoAfter), Schemes = [Scheme() with { State = states[state], Trips = trips, Effect = new() { ColdBytes = cold } }] });
                dirtySince = written?.State == state && written?.Generation == generation ? null : dirtySince ?? second;
                tripSince = trips > writtenTrips ? tripSince ?? second : null;
                if (book.TakeDue() is { } status)
                {
                    var hadTrip = status.Schemes[0].Trips > writtenTrips;
                    if (writes.Count > 0 && second - writes[^1] < 30)
                    {
                        if (!hadTrip)
                            return false;
                        atOnce.Add(second);
                    }

                    writes.Add(second);
                    if (failing)
                    {
                        book.Failed();
                        failedAt = second;
                    }
                    else
                    {
                        book.Written();
                        (written, writtenTrips, dirtySince, tripSince, failedAt) = ((state, trips, generation), trips, null, null, null);
                    }
                }

                // A change waits for at most the gap and both jitters, or its echo's wait and one of them, unless writing fails; a trip for as long only where three were told at once.
                if (failedAt is null && dirtySince is { } dirty && second - dirty > Math.Max(51, echoAfter + 6))
                    return false;
                if (failedAt is null && tripSince is { } trip && second - trip > 46)
                    return false;
                if (atOnce.Count(at => second - at < 30) > 4)
                    return false;
                time.Advance(Second);
            }

            return true;
        }, iter: 150);

    private static SchemeReport Scheme() => new() { Name = "a", AppliedHash = "h", State = NodeSchemeState.Observing };

    private static NodeReport Node() => new() { ObservedGeneration = 1, Kernel = "6.12", Schemes = [Scheme()], Conditions = [new("Ready", true, "Applied")] };

    private void Report(NodeSchemeState state, int targets = 1, long cold = 0, long trips = 0, string reason = "") =>
        _book.Report(Node() with { Schemes = [Scheme() with { State = state, Reason = reason, Targets = targets, Effect = new() { ColdBytes = cold }, Trips = trips }] });

    private DamonNodeStatus? Write()
    {
        var status = _book.TakeDue();
        if (status is not null)
            _book.Written();
        return status;
    }

    private void WriteFirst()
    {
        Report(NodeSchemeState.Observing);
        _time.Advance(TimeSpan.FromSeconds(5));
        Write().Should().NotBeNull();
    }

    // Seconds until something is written.
    private int Wait(int until)
    {
        for (var second = 0; second <= until; second++)
        {
            if (Write() is not null)
                return second;
            _time.Advance(Second);
        }

        return int.MaxValue;
    }
}
