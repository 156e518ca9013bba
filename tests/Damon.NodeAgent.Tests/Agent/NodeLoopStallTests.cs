using Damon.Api.Nodes;
using Damon.Engine.Host;
using Damon.NodeAgent.Safety;
using Damon.NodeAgent.Tests.Plans;
using Microsoft.Extensions.Time.Testing;

namespace Damon.NodeAgent.Tests.Agent;

/// <summary>A process whose memory lock is held: whatever call of the agent's it is that does not come back, the loop goes on, and so do all other pods.</summary>
public class NodeLoopStallTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(3);

    [Theory]
    [InlineData("OpenProbe")]
    [InlineData("ReadAddressSpace")]
    [InlineData("Prepare")]
    [InlineData("Check")]
    [InlineData("Measure")]
    [InlineData("Apply")]
    public void A_call_that_does_not_come_back_holds_up_its_own_pod_and_nobody_else(string stalling)
    {
        var clock = new FakeTimeProvider();
        using var world = new LoopWorld(guardsAgainstStalls: true, clock);
        var (stuck, other) = (world.AddPod(), world.AddPod());
        var process = stuck.Containers[0].Processes[0];
        using var kernel = new ManualResetEventSlim();
        var begun = 0;
        world.OnCall = (called, call) =>
        {
            if (call == stalling && called.Pid == process.Pid)
            {
                Interlocked.Increment(ref begun);
                kernel.WaitHandle.WaitOne();
            }
        };
        world.Report();
        world.PutPlan(PlanDocuments.Scheme("cold", LoopWorld.Cold));
        using var loop = new RunningLoop(world, clock);

        loop.Until(() => Volatile.Read(ref begun) > 0, "the call is made");
        var stalledAt = clock.GetUtcNow();

        // Another pod's memory is found cold, and paged out again and again, while the call is away.
        var done = loop.DoneTo(other.Containers[0].Processes[0]);
        loop.Until(() => loop.DoneTo(other.Containers[0].Processes[0]) >= done + 2, "the other pod is acted on");
        loop.Until(() => clock.GetUtcNow() - stalledAt > TimeSpan.FromSeconds(40), "time passes");
        loop.Until(() => world.View(stuck.Containers[0]).HeldBy == nameof(SafetyRail.Stalled), "the rail says so");
        world.View(other.Containers[0]).HeldBy.Should().BeEmpty();
        Volatile.Read(ref begun).Should().Be(1, "nothing else is asked of that pod");
        loop.DoneTo(process).Should().Be(0);

        kernel.Set();
        loop.Until(() => loop.DoneTo(process) > 0, "it is looked at and acted on again");
        loop.Stop();
        world.Unexpected.Should().BeEmpty();
        world.Violations.Should().BeEmpty();
    }

    [Theory]
    [InlineData("ReadAddressSpace")]
    [InlineData("Check")]
    [InlineData("Measure")]
    public void Off_is_obeyed_within_ten_seconds_although_every_pods_calls_stall(string stalling)
    {
        var clock = new FakeTimeProvider();
        using var world = new LoopWorld(guardsAgainstStalls: true, clock);
        for (var i = 0; i < 20; i++)
        {
            world.AddPod();
        }

        using var kernel = new ManualResetEventSlim();
        var begun = 0;
        world.OnCall = (_, call) =>
        {
            if (call == stalling)
            {
                Interlocked.Increment(ref begun);
                kernel.WaitHandle.WaitOne();
            }
        };
        world.Report();
        world.PutPlan(PlanDocuments.Scheme("cold", LoopWorld.Cold));
        using var loop = new RunningLoop(world, clock);
        loop.Until(() => Volatile.Read(ref begun) >= 8, "all threads are stuck");

        var offAt = clock.GetUtcNow();
        world.PutConfig("Off");
        loop.Until(() => world.Snapshot.Schemes is [{ State: NodeSchemeState.Stopped }], "it is off");
        (clock.GetUtcNow() - offAt).Should().BeLessThan(TimeSpan.FromSeconds(10));
        world.Done.Should().BeEmpty();

        kernel.Set();
        loop.Stop();
        world.Unexpected.Should().BeEmpty();
    }

    [Fact]
    public void A_process_that_ends_under_a_call_is_closed_when_the_call_is_back()
    {
        var clock = new FakeTimeProvider();
        using var world = new LoopWorld(guardsAgainstStalls: true, clock);
        var (stuck, other) = (world.AddPod(), world.AddPod());
        var pid = stuck.Containers[0].Processes[0].Pid;
        using var kernel = new ManualResetEventSlim();
        var begun = 0;
        world.OnCall = (called, call) =>
        {
            if (call == "Check" && called.Pid == pid)
            {
                Interlocked.Increment(ref begun);
                kernel.WaitHandle.WaitOne();
            }
        };
        world.Report();
        world.PutPlan(PlanDocuments.Scheme("cold", LoopWorld.Cold));
        using var loop = new RunningLoop(world, clock);
        loop.Until(() => Volatile.Read(ref begun) > 0, "the call is made");
        loop.Pause(() =>
        {
            world.Remove(stuck);
            world.Report();
        });
        loop.Until(() => world.Snapshot.Containers.Count == 1, "the pod is gone");
        var closed = world.Closed;
        kernel.Set();
        loop.Until(() => world.Closed > closed, "the probe is closed once its call is back");
        loop.Stop();
        world.Violations.Should().BeEmpty();
        world.Unexpected.Should().BeEmpty();
    }

    /// <summary>The loop on a thread of its own, whose clock is moved on from the test's.</summary>
    private sealed class RunningLoop : IDisposable
    {
        private readonly LoopWorld _world;
        private readonly FakeTimeProvider _clock;
        private readonly Thread _thread;
        private readonly Lock _turn = new();

        public RunningLoop(LoopWorld world, FakeTimeProvider clock)
        {
            (_world, _clock) = (world, clock);
            _thread = new Thread(() =>
            {
                while (!world.IsEnding)
                {
                    lock (_turn)
                    {
                        world.Loop.Turn();
                    }

                    Thread.Yield();
                }
            })
            { IsBackground = true };
            _thread.Start();
        }

        public int DoneTo(ProcessIdentity process)
        {
            lock (_world.Done)
            {
                return _world.Done.Count(done => done.Process == process);
            }
        }

        /// <summary>Something is changed between two turns of the loop.</summary>
        public void Pause(Action change)
        {
            // The turn that is under way may wait for the clock.
            while (!_turn.TryEnter(TimeSpan.FromMilliseconds(5)))
            {
                _clock.Advance(TimeSpan.FromMilliseconds(250));
            }

            try
            {
                change();
            }
            finally
            {
                _turn.Exit();
            }
        }

        public void Until(Func<bool> isDone, string what)
        {
            var step = TimeSpan.FromMilliseconds(250);
            for (var passed = TimeSpan.Zero; !isDone(); passed += step)
            {
                passed.Should().BeLessThan(Long, what);
                var turned = _world.Loop.LastTurn;
                _clock.Advance(step);

                // The loop has a turn before time goes on, unless it waits for the clock itself.
                SpinWait.SpinUntil(() => _world.Loop.LastTurn != turned, TimeSpan.FromMilliseconds(30));
            }
        }

        public void Stop()
        {
            _world.IsEnding = true;
            while (!_thread.Join(TimeSpan.FromMilliseconds(10)))
            {
                _clock.Advance(TimeSpan.FromMilliseconds(250));
            }
        }

        public void Dispose()
        {
            if (!_world.IsEnding)
            {
                Stop();
            }
        }
    }
}
