using System.Runtime.InteropServices;
using Damon.NodeAgent.Safety;
using Microsoft.Extensions.Time.Testing;

namespace Damon.NodeAgent.Tests.Safety;

public class StallGuardTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);

    [Fact]
    public void A_call_that_comes_back_gives_its_result_at_once()
    {
        using var guard = new StallGuard(TimeProvider.System);
        guard.Run("a", () => 42, Long, null, out var result).Should().Be(StallOutcome.Finished);
        result.Should().Be(42);
        guard.UnderWay.Should().Be(0);
        guard.Run("a", () => Environment.CurrentManagedThreadId, Long, null, out var thread);
        thread.Should().NotBe(Environment.CurrentManagedThreadId);
    }

    [Fact]
    public void A_call_that_stalls_leaves_the_loop_free_and_its_subject_alone()
    {
        var clock = new FakeTimeProvider();
        using var guard = new StallGuard(clock);
        using var kernel = new ManualResetEventSlim();
        var late = new List<int>();
        guard.Run("pod", () => Wait(kernel, 7), TimeSpan.Zero, late.Add, out _).Should().Be(StallOutcome.Late);

        guard.Run("pod", () => 1, TimeSpan.Zero, null, out _).Should().Be(StallOutcome.Occupied);
        clock.Advance(TimeSpan.FromSeconds(29));
        guard.Occupied("pod").Should().Be(TimeSpan.FromSeconds(29));
        guard.Occupied("other").Should().BeNull();
        guard.Tend();
        late.Should().BeEmpty();

        kernel.Set();
        SpinWait.SpinUntil(() => guard.Occupied("pod") is null, Long).Should().BeTrue();
        guard.Run("pod", () => 1, TimeSpan.Zero, null, out _).Should().Be(StallOutcome.Occupied, "its result was not handed over yet");
        guard.Tend();
        late.Should().Equal(7);
        guard.UnderWay.Should().Be(0);
    }

    [Fact]
    public void Stuck_calls_take_so_many_threads_and_no_more()
    {
        using var guard = new StallGuard(new FakeTimeProvider(), maxThreads: 2);
        using var kernel = new ManualResetEventSlim();
        guard.Run("a", () => Wait(kernel, 1), TimeSpan.Zero, null, out _).Should().Be(StallOutcome.Late);
        guard.Run("b", () => Wait(kernel, 1), TimeSpan.Zero, null, out _).Should().Be(StallOutcome.Late);
        guard.Run("c", () => 1, TimeSpan.Zero, null, out _).Should().Be(StallOutcome.Exhausted);

        kernel.Set();
        SpinWait.SpinUntil(() => guard.Occupied("a") is null && guard.Occupied("b") is null, Long).Should().BeTrue();
        guard.Tend();
        guard.Run("c", () => 1, TimeSpan.Zero, null, out _).Should().NotBe(StallOutcome.Exhausted);
    }

    [Fact]
    public void What_a_call_throws_reaches_who_asked_for_it()
    {
        using var guard = new StallGuard(TimeProvider.System);
        FluentActions.Invoking(() => guard.Run<int>("a", () => throw new InvalidOperationException("bug"), Long, null, out _)).Should().Throw<InvalidOperationException>();
        guard.Run("a", () => 1, Long, null, out _).Should().Be(StallOutcome.Finished, "the thread goes on");
    }

    [Fact]
    public void What_a_late_call_throws_keeps_no_other_result_back()
    {
        using var guard = new StallGuard(new FakeTimeProvider());
        using var kernel = new ManualResetEventSlim();
        var late = new List<int>();
        guard.Run<int>("a", () => Wait(kernel, 1) > 0 ? throw new InvalidOperationException("bug") : 0, TimeSpan.Zero, late.Add, out _);
        guard.Run("b", () => Wait(kernel, 2), TimeSpan.Zero, late.Add, out _);
        kernel.Set();
        SpinWait.SpinUntil(() => guard.Occupied("a") is null && guard.Occupied("b") is null, Long).Should().BeTrue();
        guard.Invoking(g => g.Tend()).Should().Throw<InvalidOperationException>();
        guard.Tend();
        late.Should().Equal(2);
        guard.UnderWay.Should().Be(0);
    }

    [Fact]
    public void A_call_that_waits_in_the_kernel_is_interrupted()
    {
        using var guard = new StallGuard(new FakeTimeProvider());
        var late = new List<int>();
        guard.Run("a", SleepInTheKernel, TimeSpan.Zero, late.Add, out _).Should().Be(StallOutcome.Late);

        // The first signal may come before the call has begun: like the loop, we send again.
        SpinWait.SpinUntil(
            () =>
            {
                guard.Tend();
                return late.Count > 0;
            },
            Long).Should().BeTrue();
        late.Should().Equal(4 /* EINTR */);
    }

    [DllImport("libc", EntryPoint = "poll", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Poll(nint descriptors, ulong count, int timeoutMilliseconds);

    private static int SleepInTheKernel() => Poll(0, 0, 120_000) < 0 ? Marshal.GetLastPInvokeError() : 0;

    private static int Wait(ManualResetEventSlim kernel, int result)
    {
        kernel.WaitHandle.WaitOne();
        return result;
    }
}
