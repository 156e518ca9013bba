using CsCheck;
using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;
using Damon.Testing;

namespace Damon.Engine.Tests.Monitoring;

public class ProbeRunnerTests
{
    private const ulong Page = 4096;
    private const ulong Pages = 256;

    private static readonly MonitoringIntervals Intervals = new(TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(400));

    // Accesses come from the address alone, so both sessions see the same memory.
    [Fact]
    public void Looks_that_all_come_back_find_what_looks_on_the_sessions_thread_find() =>
        Gen.Select(Gen.ULong, Gen.Int[1, 4], Gen.Int[1, 5]).Sample(
            (seed, targets, hotOfFive) =>
            {
                using var here = new Run(null, seed);
                using var elsewhere = new Run(new Runner(), seed);
                foreach (var run in new[] { here, elsewhere })
                {
                    for (var id = 0; id < targets; id++)
                    {
                        run.Add(id).IsAccessed = address => address / Page % 5 < (ulong)hotOfFive;
                    }

                    run.Aggregate(6);
                }

                for (var id = 0; id < targets; id++)
                {
                    elsewhere.Session.Targets[id].Regions.Starts.ToArray().Should().Equal(here.Session.Targets[id].Regions.Starts.ToArray());
                    elsewhere.Session.Targets[id].Regions.Ages.ToArray().Should().Equal(here.Session.Targets[id].Regions.Ages.ToArray());
                    elsewhere.Session.Targets[id].Regions.LastAccesses.ToArray().Should().Equal(here.Session.Targets[id].Regions.LastAccesses.ToArray());
                }
            },
            iter: 30);

    [Fact]
    public void A_look_that_is_not_begun_is_missed_by_its_target_alone_which_grows_no_older()
    {
        var runner = new Runner();
        using var run = new Run(runner);
        run.Add(1);
        run.Add(2);
        run.Aggregate(3);
        var before = run.OldestAge(1);

        runner.Begins = look => look.TargetId != 1;
        run.Aggregate(3);

        run.OldestAge(1).Should().Be(before);
        run.OldestAge(2).Should().Be(before + 3);
        run.Target(1).State.Should().Be(TargetState.Active);
        run.Target(1).MissedPasses.Should().BePositive();
        run.Target(2).MissedPasses.Should().Be(0);

        runner.Begins = _ => true;
        run.Aggregate(2);
        run.OldestAge(1).Should().BeGreaterThan(before);
    }

    [Fact]
    public void What_a_look_finds_that_comes_back_late_counts_for_nothing()
    {
        var runner = new Runner();
        using var run = new Run(runner);
        run.Add(1).IsAccessed = _ => true;
        run.Aggregate(1);

        // Given up by the runner while it is under way: neither done nor taken back.
        runner.Runs = look => runner.Hold(look);
        run.Session.BeginSample();
        run.Session.EndSample();
        runner.Held.Should().Be(1);
        run.Target(1).MissedPasses.Should().Be(1);
        run.Target(1).LastMiss.Should().Contain("has not come back");
        runner.Runs = null;

        // As long as it is away nothing else is asked of the target.
        run.Aggregate(2);
        runner.Held.Should().Be(1);
        run.Memory(1).Prepared.Should().Be(20, "twenty in the first aggregation, and the one that is held has not reached the memory");

        runner.Release();
        run.Aggregate(2);
        run.Target(1).Regions.LastAccesses.ToArray().Should().OnlyContain(accesses => accesses == 20);
    }

    [Fact]
    public void A_target_that_ends_under_a_look_is_closed_when_the_look_is_back_and_once()
    {
        var runner = new Runner();
        using var run = new Run(runner);
        var memory = run.Add(1);
        run.Add(2);
        runner.Runs = look => look.TargetId == 1 && runner.Hold(look);
        run.Session.BeginSample();
        run.Session.RemoveTarget(1, "test");
        run.Session.Targets.Should().HaveCount(1);
        memory.ProbeDisposals.Should().Be(0, "a read is under way on its files");

        runner.Release();
        memory.ProbeDisposals.Should().Be(1);
        run.Session.EndSample();
        run.Aggregate(1);
        memory.ProbeDisposals.Should().Be(1);
    }

    [Fact]
    public void A_bug_in_a_look_is_the_sessions_callers_to_see()
    {
        using var run = new Run(new Runner());
        run.Add(1).IsAccessed = _ => throw new InvalidOperationException("bug");
        run.Session.BeginSample();
        run.Session.Invoking(session => session.EndSample()).Should().Throw<InvalidOperationException>().WithMessage("bug");
        run.Memory(1).IsAccessed = _ => false;
        run.Aggregate(1);
        run.Target(1).State.Should().Be(TargetState.Active);
    }

    [Fact]
    public void An_address_space_that_could_not_be_read_in_time_is_read_after_the_next_aggregation()
    {
        var runner = new Runner { Begins = _ => false };
        using var run = new Run(runner);
        run.Add(1);
        run.Target(1).Regions.Count.Should().Be(0);
        run.Aggregate(1);
        run.Target(1).Regions.Count.Should().Be(0);
        runner.Begins = _ => true;
        run.Aggregate(2);
        run.Target(1).Regions.TotalBytes.Should().Be(Pages * Page);
    }

    [Fact]
    public void Passes_allocate_nothing_in_steady_state()
    {
        using var run = new Run(new Runner());
        for (var id = 0; id < 5; id++)
        {
            run.Add(id);
        }

        run.Aggregate(50);
        var before = GC.GetAllocatedBytesForCurrentThread();
        run.Session.BeginSample();
        run.Session.EndSample();
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().Be(0);
    }

    /// <summary>Carries looks out at once, unless told otherwise. One that is held runs on a thread of its own until it is released.</summary>
    private sealed class Runner : IProbeRunner
    {
        private readonly List<Thread> _threads = [];
        private volatile bool _isReleased;

        public Func<ProbeLook, bool> Begins { get; set; } = _ => true;

        public Func<ProbeLook, bool>? Runs { get; set; }

        public int Held => _threads.Count;

        public void Run(IReadOnlyList<ProbeLook> looks)
        {
            for (var i = 0; i < looks.Count; i++)
            {
                if (Runs?.Invoke(looks[i]) == true)
                {
                    continue;
                }

                if (Begins(looks[i]))
                {
                    looks[i].CarryOut();
                }
            }
        }

        public bool Hold(ProbeLook look)
        {
            var entered = 0;
            GatedMemory.Enter = () =>
            {
                Volatile.Write(ref entered, 1);
                SpinWait.SpinUntil(() => _isReleased);
            };
            var thread = new Thread(() =>
            {
                GatedMemory.IsGated = true;
                look.CarryOut();
            })
            { IsBackground = true };
            _threads.Add(thread);
            thread.Start();
            SpinWait.SpinUntil(() => Volatile.Read(ref entered) == 1);
            return true;
        }

        public void Release()
        {
            _isReleased = true;
            _threads.ForEach(thread => thread.Join());
        }
    }

    /// <summary>Stalls whoever looks on a thread that is gated.</summary>
    private sealed class GatedMemory : IAccessProbe
    {
        [ThreadStatic]
        public static bool IsGated;

        public static Action? Enter { get; set; }

        public Func<ulong, bool> IsAccessed { get; set; } = _ => false;

        public int Prepared { get; private set; }

        public int ProbeDisposals { get; private set; }

        public ProbeGranularity Granularity => ProbeGranularity.Page;

        public string LastError => "";

        public ProbeOutcome ReadAddressSpace(AddressRangeList ranges)
        {
            ranges.Clear();
            ranges.Add(new AddressRange(0, Pages * Page));
            return ProbeOutcome.Ok;
        }

        public ProbeOutcome Prepare(ReadOnlySpan<ulong> addresses)
        {
            if (IsGated)
            {
                Enter!();
                return ProbeOutcome.Ok;
            }

            Prepared++;
            return ProbeOutcome.Ok;
        }

        public ProbeOutcome Check(ReadOnlySpan<ulong> starts, ReadOnlySpan<ulong> ends, ReadOnlySpan<ulong> addresses, Span<AccessObservation> seen)
        {
            for (var i = 0; i < seen.Length; i++)
            {
                seen[i] = IsAccessed(addresses[i]) ? AccessObservation.Accessed : AccessObservation.NotAccessed;
            }

            return ProbeOutcome.Ok;
        }

        public void Dispose() => ProbeDisposals++;
    }

    private sealed class Run : IDisposable
    {
        private readonly Dictionary<int, GatedMemory> _memories = [];

        public Run(IProbeRunner? runner, ulong seed = 1)
        {
            var plan = new MonitoringPlan(Intervals, new RegionLimits(10, 100), []);
            var random = new RandomSource(seed);
            Session = new MonitoringSession(plan, new KernelRegionPolicy(plan.Limits, random), random, TimeProvider.System, runner: runner);
        }

        public MonitoringSession Session { get; }

        public GatedMemory Memory(int id) => _memories[id];

        public SessionTarget Target(int id) => Session.Targets.Single(target => target.Id == id);

        public uint OldestAge(int id) => Target(id).Regions.Ages.ToArray().Max();

        public GatedMemory Add(int id)
        {
            var memory = _memories[id] = new GatedMemory();
            Session.AddTarget(id, memory, new ScriptedMemory());
            return memory;
        }

        public void Aggregate(int count)
        {
            for (var i = 0; i < count * 20; i++)
            {
                Session.BeginSample();
                Session.EndSample();
            }
        }

        public void Dispose() => Session.Dispose();
    }
}
