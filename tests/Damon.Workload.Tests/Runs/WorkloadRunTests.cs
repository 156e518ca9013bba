using Damon.Patterns;
using Damon.Workload.Runs;
using static Damon.Workload.Tests.SmallPatterns;

namespace Damon.Workload.Tests.Runs;

public sealed class WorkloadRunTests : IDisposable
{
    private readonly SmallMemory _memory = new(("a", 8), ("b", 4));
    private readonly JumpingTimeProvider _time = new(perLook: TimeSpan.FromMicroseconds(250));
    private readonly RunRecorder _told = new();
    private readonly CancellationTokenSource _cancellation = new();

    public void Dispose()
    {
        _memory.Dispose();
        _cancellation.Dispose();
    }

    [Fact]
    public void Without_a_duration_every_phase_runs_once()
    {
        Run([Once("init", 1, Sequential("a")), Phase("one", 2, Sequential("a")), Phase("two", 3, Sequential("b"))]).Should().BeTrue();

        Phases().Should().Equal(("init", 0, 0, 1), ("one", 0, 1, 3), ("two", 0, 3, 6));
        _told.Ends.Should().ContainSingle().Which.Interrupted.Should().BeFalse();
    }

    [Fact]
    public void Within_a_duration_phases_repeat_without_those_marked_once()
    {
        Run([Once("init", 1, Sequential("a")), Phase("one", 2, Sequential("a")), Phase("two", 3, Sequential("b"))], duration: 13);

        Phases().Should().Equal(("init", 0, 0, 1), ("one", 0, 1, 3), ("two", 0, 3, 6), ("one", 1, 6, 8), ("two", 1, 8, 11), ("one", 2, 11, 13));
    }

    [Fact]
    public void Phases_are_on_when_the_patterns_clock_says_so()
    {
        PatternPhase[] phases = [Once("init", 1, Sequential("a")), Phase("one", 2, Sequential("a")), Phase("two", 3, Sequential("b"))];
        Run(phases, duration: 30);

        _told.Phases.Should().HaveCountGreaterThan(10);
        foreach (var told in _told.Phases)
        {
            var middle = (told.From.Elapsed + told.To.Elapsed) / 2;
            Of(_memory, phases).PhaseAt(middle, out _, out var occurrence).Name.Should().Be(told.Phase);
            occurrence.Should().Be(told.Occurrence);
        }
    }

    [Fact]
    public void A_duration_cuts_a_phase_short()
    {
        Run([Phase("one", 10, Sequential("a"))], duration: 3);

        Phases().Should().Equal(("one", 0, 0, 3));
    }

    [Fact]
    public void Phases_that_all_run_once_are_not_repeated()
    {
        Run([Once("init", 1, Sequential("a"))], duration: 10);

        Phases().Should().Equal(("init", 0, 0, 1));
    }

    [Fact]
    public void A_late_turn_does_not_move_the_phases_after_it()
    {
        var stopped = false;
        _time.Moved = now =>
        {
            // The process is stopped for half a second in the middle of the first phase's last turn.
            if (!stopped && now >= TimeSpan.FromMilliseconds(990))
            {
                stopped = true;
                _time.Advance(TimeSpan.FromMilliseconds(500));
            }
        };
        Run([Phase("one", 1, Sequential("a")), Phase("two", 1, Sequential("a"))]);

        _told.Phases[0].To.Elapsed.Should().BeGreaterThan(TimeSpan.FromSeconds(1.4));
        _told.Phases[1].To.Elapsed.Should().BeCloseTo(TimeSpan.FromSeconds(2), TimeSpan.FromMilliseconds(20));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(1_000)]
    [InlineData(50_000)]
    public void Accesses_keep_to_the_rate(int rate)
    {
        Run([Phase("one", 10, Random("a"))], rate: rate);

        _told.Phases[0].Accesses.Should().BeInRange((long)(rate * 10 * 0.99) - 1, (long)(rate * 10 * 1.01) + 1);
        _time.Waits.Should().BePositive();
    }

    [Fact]
    public void Without_a_rate_nothing_is_waited_for()
    {
        Run([Phase("one", 2, Random("a"))]);

        _time.Waits.Should().Be(0);
        _told.Phases[0].Accesses.Should().BeGreaterThan(0);
    }

    [Fact]
    public void An_idle_phase_waits_and_accesses_nothing()
    {
        Run([Phase("rest", 5)], reportEvery: 1);

        _told.Phases[0].Accesses.Should().Be(0);
        _told.Phases[0].Regions.Should().OnlyContain(region => !region.Accessed && region.AccessedPages == 0);
        _told.Reports.Should().HaveCount(4).And.OnlyContain(report => report.Accesses == 0);
        _time.Waits.Should().BeLessThan(20);
    }

    [Fact]
    public void Reports_come_at_their_distance_and_belong_to_one_phase()
    {
        Run([Phase("one", 3, Random("a")), Phase("two", 2, Random("b"))], rate: 1000, reportEvery: 1);

        _told.Reports.Select(report => report.Phase).Should().Equal("one", "one", "two");
        foreach (var report in _told.Reports)
        {
            report.Interval.TotalMilliseconds.Should().BeApproximately(1000, 20);
            report.Accesses.Should().BeInRange(970, 1030);
        }
    }

    [Fact]
    public void The_truth_of_a_phase_is_what_was_accessed_in_it()
    {
        Run([Phase("one", 2, Sequential("a", stridePages: 2, weight: 3), Random("b")), Phase("two", 1, Random("b"))], rate: 4000);

        var one = _told.Phases[0];
        one.Regions.Select(region => (region.Region, region.Accessed, region.Pages, region.AccessedPages)).Should().Equal(("a", true, 8UL, 4UL), ("b", true, 4UL, 4UL));
        one.Regions.Sum(region => region.Accesses).Should().Be(one.Accesses);
        one.Regions[0].ShareOfPagesAccessed.Should().Be(0.5);
        // 4,000 accesses a second, three quarters of them on 4 pages, one quarter on 4 others.
        one.Regions[0].AccessesPerPagePerSecond(one.Duration).Should().BeApproximately(750, 30);
        one.Regions[1].AccessesPerPagePerSecond(one.Duration).Should().BeApproximately(250, 30);

        var cold = _told.Phases[1].Regions[0];
        (cold.Accessed, cold.AccessedPages, cold.Accesses).Should().Be((false, 0UL, 0L));
        cold.AccessesPerPagePerSecond(_told.Phases[1].Duration).Should().Be(0);
    }

    [Fact]
    public void A_moving_window_reaches_the_pages_it_passes()
    {
        // A quarter of 8 pages, an eighth further each second: pages 0..1 at the start, up to 3..4 after three seconds.
        Run([Phase("drift", 3, Sequential("a", window: new AccessWindow(0.25, 0.125)))], rate: 1000);

        _told.Phases[0].Regions[0].AccessedPages.Should().Be(4);
        _told.Phases[0].Regions[0].Windows.Should().Equal(new AccessWindow(0.25, 0.125));
        _told.Phases[0].WindowOrigin.Should().Be(TimeSpan.Zero);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_cancellation_ends_the_run_and_tells_what_was_done_until_then(bool idle)
    {
        _time.Moved = now =>
        {
            if (now >= TimeSpan.FromSeconds(2))
                _cancellation.Cancel();
        };
        Run([Phase("one", 3600, idle ? [] : [Random("a")]), Phase("two", 5, Random("a"))], reportEvery: 1).Should().BeFalse();

        _told.Phases.Should().ContainSingle().Which.Duration.Should().BeCloseTo(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(1));
        _told.Ends.Should().ContainSingle().Which.Interrupted.Should().BeTrue();
    }

    [Fact]
    public void The_start_tells_where_the_memory_is_on_both_clocks()
    {
        Run([Phase("one", 1, Random("a"))]);

        var start = _told.Starts.Should().ContainSingle().Subject;
        start.ProcessId.Should().Be(Environment.ProcessId);
        start.Regions.Should().Equal(_memory.Regions);
        start.At.Elapsed.Should().Be(TimeSpan.Zero);
        var end = _told.Ends[0].At;
        (end.MonotonicNanoseconds - start.At.MonotonicNanoseconds).Should().Be(end.Elapsed.Ticks * TimeSpan.NanosecondsPerTick);
    }

    [Theory]
    [InlineData(null, 0)]
    [InlineData(100, 20)]
    [InlineData(1000, 2)]
    public void The_translation_cache_is_flushed_as_often_as_asked_for(int? everyMilliseconds, int atLeast)
    {
        var flushes = 0;
        TimeSpan? every = everyMilliseconds is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : null;
        var settings = new WorkloadSettings(Duration: null, AccessesPerSecond: null, Seed: 1, TimeSpan.FromHours(1), every);
        new WorkloadRun(Of(_memory, Phase("one", 2, Random("a"))), _memory.Regions, settings, _time, [_told], () => flushes++).Run(_cancellation.Token);

        // The clock moves on at every look, so that each flush comes a little late.
        flushes.Should().BeInRange(atLeast - (atLeast / 10), atLeast);
    }

    private bool Run(PatternPhase[] phases, int? duration = null, double? rate = null, int reportEvery = 3600)
    {
        var settings = new WorkloadSettings(duration is { } seconds ? TimeSpan.FromSeconds(seconds) : null, rate, Seed: 1, TimeSpan.FromSeconds(reportEvery));
        return new WorkloadRun(Of(_memory, phases), _memory.Regions, settings, _time, [_told]).Run(_cancellation.Token);
    }

    /// <summary>Names, occurrences, and from and to in whole seconds.</summary>
    private IEnumerable<(string Phase, int Occurrence, int From, int To)> Phases() =>
        _told.Phases.Select(phase => (phase.Phase, phase.Occurrence, Seconds(phase.From), Seconds(phase.To)));

    private static int Seconds(RunMoment moment) => (int)Math.Round(moment.Elapsed.TotalSeconds);
}
