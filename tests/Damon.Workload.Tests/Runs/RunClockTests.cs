using System.Runtime.InteropServices;
using Damon.Workload.Runs;

namespace Damon.Workload.Tests.Runs;

public partial class RunClockTests
{
    private const int ClockMonotonic = 1;

    [Fact]
    public void The_systems_clock_is_the_machines_monotonic_one()
    {
        using var clock = new RunClock(TimeProvider.System, TestContext.Current.CancellationToken);
        var before = MonotonicNanoseconds();
        clock.Start();
        var start = clock.MonotonicNanosecondsAt(TimeSpan.Zero);
        var after = MonotonicNanoseconds();

        start.Should().BeInRange(before, after);
    }

    [Fact]
    public void Both_clocks_of_a_moment_run_alike()
    {
        using var clock = new RunClock(new JumpingTimeProvider(TimeSpan.Zero), TestContext.Current.CancellationToken);

        (clock.MonotonicNanosecondsAt(TimeSpan.FromSeconds(3)) - clock.MonotonicNanosecondsAt(TimeSpan.FromSeconds(1))).Should().Be(2_000_000_000);
    }

    [Theory]
    [InlineData(0.2, 1)]
    [InlineData(1, 1)]
    [InlineData(1.2, 2)]
    [InlineData(500, 500)]
    public void A_wait_is_rounded_up_to_whole_milliseconds(double askedMs, double waitedMs)
    {
        var time = new JumpingTimeProvider(TimeSpan.Zero);
        using var clock = new RunClock(time, TestContext.Current.CancellationToken);
        clock.Start();
        clock.Wait(TimeSpan.FromMilliseconds(askedMs));

        clock.Elapsed.TotalMilliseconds.Should().Be(waitedMs);
    }

    [Fact]
    public void A_cancellation_ends_a_wait()
    {
        using var cancellation = new CancellationTokenSource();
        using var clock = new RunClock(TimeProvider.System, cancellation.Token);
        cancellation.CancelAfter(TimeSpan.FromMilliseconds(20));

        // Without the cancellation this would outlast every test run.
        clock.Wait(TimeSpan.FromHours(10));

        cancellation.IsCancellationRequested.Should().BeTrue();
    }

    private static long MonotonicNanoseconds()
    {
        clock_gettime(ClockMonotonic, out var time).Should().Be(0);
        return (time.Seconds * 1_000_000_000) + time.Nanoseconds;
    }

    [LibraryImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int clock_gettime(int clock, out Timespec time);

    private struct Timespec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
