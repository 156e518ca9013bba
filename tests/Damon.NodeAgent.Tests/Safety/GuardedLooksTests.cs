using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.NodeAgent.Safety;
using Damon.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Damon.NodeAgent.Tests.Safety;

public class GuardedLooksTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);

    [Fact]
    public void All_looks_of_a_pass_are_carried_out_on_one_thread_which_is_not_the_loops()
    {
        using var run = new Run(new FakeTimeProvider());
        var threads = new HashSet<int>();
        for (var id = 0; id < 30; id++)
        {
            run.Add(id, "pod" + id).OnCheck = () => threads.Add(Environment.CurrentManagedThreadId);
        }

        run.Pass();
        threads.Should().ContainSingle().Which.Should().NotBe(Environment.CurrentManagedThreadId);
        run.Session.Targets.Should().OnlyContain(target => target.MissedPasses == 0);
        run.Guard.UnderWay.Should().Be(0);
    }

    [Fact]
    public void What_looks_cost_is_counted_wherever_they_are_carried_out()
    {
        using var run = new Run(new FakeTimeProvider());
        var clock = new CallCpuClock(run.Guard);
        run.Add(1, "pod").OnCheck = () => Thread.SpinWait(200_000);
        var began = clock.GetTimestamp();
        run.Pass();
        clock.GetElapsedTime(began).Should().BeGreaterThan(TimeSpan.Zero);
        run.Guard.CpuTime.Should().BeGreaterThan(TimeSpan.Zero);
    }

    [Fact]
    public void A_look_that_stalls_is_left_and_the_others_are_carried_out()
    {
        var clock = new AllowedTime();
        using var run = new Run(clock);
        using var kernel = new ManualResetEventSlim();
        var checks = new int[5];
        for (var id = 0; id < 5; id++)
        {
            var one = id;
            run.Add(id, id is 1 or 3 ? "stuck" : "pod" + id).OnCheck = () =>
            {
                Interlocked.Increment(ref checks[one]);
                if (one == 1)
                {
                    // The first wait finds another look than it began with, the second one the same.
                    clock.Allow(2);
                    kernel.WaitHandle.WaitOne();
                }
            };
        }

        run.Pass();
        checks.Should().Equal([1, 1, 1, 0, 1], "3 is of the same pod as the one that is stuck");
        run.Guard.Occupied("stuck").Should().NotBeNull();
        run.Pass();
        checks.Should().Equal(2, 1, 2, 0, 2);
        run.Session.Targets.Select(target => target.MissedPasses > 0).Should().Equal(false, true, false, true, false);

        kernel.Set();
        SpinWait.SpinUntil(() => run.Guard.Occupied("stuck") is null, Long).Should().BeTrue();
        run.Guard.Tend();
        run.Pass();
        checks.Should().Equal(3, 2, 3, 1, 3);
    }

    [Fact]
    public void Where_all_threads_are_stuck_looks_are_missed_and_nothing_waits()
    {
        var clock = new AllowedTime();
        using var run = new Run(clock, maxThreads: 2);
        using var kernel = new ManualResetEventSlim();
        var checks = 0;
        for (var id = 0; id < 6; id++)
        {
            run.Add(id, "pod" + id).OnCheck = () =>
            {
                Interlocked.Increment(ref checks);
                if (!kernel.IsSet)
                {
                    clock.Allow(2);
                    kernel.WaitHandle.WaitOne();
                }
            };
        }

        run.Pass();
        run.Pass();
        checks.Should().Be(2);
        run.Session.Targets.Should().OnlyContain(target => target.State == TargetState.Active && target.MissedPasses > 0);

        kernel.Set();
        SpinWait.SpinUntil(() => run.Guard.Occupied("pod0") is null && run.Guard.Occupied("pod1") is null, Long).Should().BeTrue();
        run.Guard.Tend();
        run.Pass();
        checks.Should().Be(8);
    }

    [Fact]
    public void A_pass_that_takes_long_as_a_whole_is_not_stuck()
    {
        // Each look lasts until a wait was over during it, and the next one has begun.
        var clock = new AllowedTime();
        using var run = new Run(clock);
        for (var id = 0; id < 4; id++)
        {
            run.Add(id, "pod" + id).OnCheck = () =>
            {
                var before = clock.Armed;
                clock.Allow(1);
                SpinWait.SpinUntil(() => clock.Armed > before, Long);
            };
        }

        run.Session.BeginSample();
        run.Session.EndSample();
        run.Guard.UnderWay.Should().Be(0);
        run.Session.Targets.Should().OnlyContain(target => target.MissedPasses == 0);
    }

    /// <summary>A wait on it is over when a test says so, and no sooner however slow the machine is.</summary>
    private sealed class AllowedTime : TimeProvider
    {
        private readonly Lock _gate = new();
        private readonly Queue<(TimerCallback Callback, object? State)> _waiting = [];
        private int _allowed;
        private int _armed;

        /// <summary>How many waits have begun that were not over at once.</summary>
        public int Armed => Volatile.Read(ref _armed);

        public override long GetTimestamp() => 0;

        /// <summary>Ends so many waits: those that have begun, then those that will.</summary>
        public void Allow(int waits)
        {
            for (var i = 0; i < waits; i++)
            {
                (TimerCallback Callback, object? State) due;
                lock (_gate)
                {
                    if (!_waiting.TryDequeue(out due))
                    {
                        _allowed++;
                        continue;
                    }
                }

                due.Callback(due.State);
            }
        }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            lock (_gate)
            {
                if (_allowed == 0)
                {
                    _waiting.Enqueue((callback, state));
                    _armed++;
                    return new Timer();
                }

                _allowed--;
            }

            callback(state);
            return new Timer();
        }

        private sealed class Timer : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }

    private sealed class Run : IDisposable
    {
        public Run(TimeProvider time, int maxThreads = 8)
        {
            Guard = new StallGuard(time, maxThreads);
            var plan = new MonitoringPlan(new(TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(60)), RegionLimits.Default, []);
            var random = new RandomSource(1);
            Session = new MonitoringSession(plan, new KernelRegionPolicy(plan.Limits, random), random, TimeProvider.System, runner: new GuardedLooks(Guard));
        }

        public StallGuard Guard { get; }

        public MonitoringSession Session { get; }

        public ScriptedMemory Add(int id, string group)
        {
            var memory = new ScriptedMemory { Ranges = { new AddressRange(0, 1 << 20) } };
            Session.AddTarget(id, memory, memory, group);
            return memory;
        }

        public void Pass()
        {
            Session.BeginSample();
            Session.EndSample();
        }

        public void Dispose()
        {
            Session.Dispose();
            Guard.Dispose();
        }
    }
}
