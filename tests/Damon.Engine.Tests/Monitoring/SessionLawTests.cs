using CsCheck;
using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;
using Damon.Testing;

namespace Damon.Engine.Tests.Monitoring;

/// <summary>What holds after every step of a session, whatever happens to it.</summary>
public class SessionLawTests
{
    private const ulong Page = 4096;

    private const int MaxTargets = 3;

    [Theory]
    [InlineData(RegionPolicyKind.Kernel)]
    [InlineData(RegionPolicyKind.Adaptive)]
    public void Whatever_happens_regions_cover_the_targets_within_the_limits_and_quotas_hold(RegionPolicyKind kind)
    {
        var (folded, torn, failed, converted, used) = (0, 0, 0, 0, 0);
        Gen.Select(Gen.ULong, Gen.Int[3, 40], Gen.Int[0, 150], Gen.ULong[1, 300]).Sample(
            (seed, min, more, quotaPages) =>
            {
                using var world = new World(kind, seed, new RegionLimits(min, min + more), quotaPages * Page);
                for (var i = 0; i < 600; i++)
                {
                    world.Step();
                }

                folded += world.Folded;
                torn += world.Changed;
                failed += world.Failed;
                converted += world.Converted;
                used += world.UsedUp;
            },
            iter: 60,
            threads: 1);
        (folded, torn, failed, converted, used).Should().Match<(int, int, int, int, int)>(
            t => t.Item1 > 0 && t.Item2 > 100 && t.Item3 > 100 && t.Item4 > 20 && t.Item5 > 100, "all of it happens");
    }

    [Theory]
    [InlineData(RegionPolicyKind.Kernel)]
    [InlineData(RegionPolicyKind.Adaptive)]
    public void Targets_that_come_later_share_the_maximum_with_those_that_are_there(RegionPolicyKind kind)
    {
        var plan = new MonitoringPlan(MonitoringIntervals.Default, new RegionLimits(3, 20), []);
        var random = new RandomSource(1);
        using var session = new MonitoringSession(plan, RegionPolicies.Create(kind, plan.Limits, random), random, TimeProvider.System);
        for (var id = 0; id < 20; id++)
        {
            var memory = new ScriptedMemory();
            memory.Ranges.AddRange(Enumerable.Range(0, 12).Select(i => new AddressRange((ulong)(100 * i) * Page, (ulong)((100 * i) + 50) * Page)));
            session.AddTarget(id, memory, memory);
            session.RegionCount.Should().BeInRange(id + 1, 20);
            session.BeginSample();
            session.EndSample();
            session.RegionCount.Should().BeInRange(id + 1, 20);
        }

        session.MaxProbesPerInterval.Should().BeLessThanOrEqualTo(20);
    }

    private sealed class World : IDisposable
    {
        private readonly Dictionary<int, Known> _known = [];
        private readonly RandomSource _chance;
        private readonly MonitoringSession _session;
        private readonly ulong _quotaBytes;
        private MonitoringPlan _plan;
        private ulong _window;
        private ulong _appliedInWindow;
        private int _nextId = 1;

        public World(RegionPolicyKind kind, ulong seed, RegionLimits limits, ulong quotaBytes)
        {
            _chance = new RandomSource(seed);
            _quotaBytes = quotaBytes;
            var scheme = new SchemeDescription("s", SchemeAction.Pageout, new AccessPattern { MaxRate = AccessRate.FromPercent(50) })
            {
                Mode = SchemeMode.Enforce,
                ApplyInterval = TimeSpan.FromMilliseconds(35),
                Quota = new SchemeQuota { SizeBytes = quotaBytes, Interval = TimeSpan.FromMilliseconds(150) },
            };
            _plan = new MonitoringPlan(MonitoringIntervals.Default, limits, [scheme]);
            var random = new RandomSource(~seed);
            _session = new MonitoringSession(_plan, RegionPolicies.Create(kind, limits, random), random, TimeProvider.System);
        }

        public int Folded { get; private set; }

        public int Changed { get; private set; }

        public int Failed { get; private set; }

        public int Converted { get; private set; }

        public int UsedUp { get; private set; }

        public void Step()
        {
            Happen();
            Check();
            var before = _session.Targets.ToDictionary(target => target.Id, target => Covered(target.Regions));
            _session.BeginSample();
            Check();
            _session.EndSample();
            var read = NoteReads();
            foreach (var target in _session.Targets.Where(target => !read.Contains(target.Id)))
            {
                // Merging, cutting and splitting keep every byte, and invent none.
                Covered(target.Regions).Should().Equal(before[target.Id]);
            }

            Check();
            CheckQuota();
        }

        public void Dispose() => _session.Dispose();

        private void Happen()
        {
            if (_session.Targets.Count < MaxTargets && Once(_session.Targets.Count == 0 ? 2UL : 60))
            {
                var memory = new ScriptedMemory();
                Lay(memory);
                var hot = _chance.NextBelow(1000) * Page;
                memory.IsAccessed = address => address >= hot && address < hot + (200 * Page) ? !Once(10) : Once(30);
                _known.Add(_nextId, new Known(memory));
                _session.AddTarget(_nextId++, memory, memory);
                NoteReads();
            }

            foreach (var target in _session.Targets.ToArray())
            {
                var memory = _known[target.Id].Memory;
                if (Once(150))
                {
                    _session.RemoveTarget(target.Id, "test");
                }
                else if (Once(20))
                {
                    Changed++;
                    Lay(memory);
                }

                memory.PrepareOutcome = Once(20) ? ProbeOutcome.TryAgain : ProbeOutcome.Ok;
                memory.CheckOutcome = Once(300) ? ProbeOutcome.Gone : Once(20) ? ProbeOutcome.TryAgain : ProbeOutcome.Ok;
                memory.ReadOutcome = Once(8) ? ProbeOutcome.TryAgain : ProbeOutcome.Ok;
                Failed += memory.PrepareOutcome == ProbeOutcome.Ok && memory.CheckOutcome == ProbeOutcome.Ok ? 0 : 1;
            }

            if (Once(80))
            {
                Converted++;
                var sample = TimeSpan.FromMilliseconds(1 + _chance.NextBelow(20));
                _session.ChangeIntervals(new MonitoringIntervals(sample, sample * (1 + (int)_chance.NextBelow(40)), TimeSpan.FromSeconds(2)));
            }

            if (Once(100))
            {
                var min = 3 + (int)_chance.NextBelow(40);
                _plan = _plan with { Limits = new RegionLimits(min, min + (int)_chance.NextBelow(150)), IsPaused = Once(5) };
                _session.Commit(_plan).Should().BeEmpty();
            }
        }

        private bool Once(ulong inSoMany) => _chance.NextBelow(inSoMany) == 0;

        /// <summary>A new address space; now and then none at all, as a process has that executes another program.</summary>
        private void Lay(ScriptedMemory memory)
        {
            memory.Ranges.Clear();
            var count = Once(10) ? 0 : 1 + _chance.NextBelow(30);
            var at = _chance.NextBelow(50) * Page;
            for (ulong i = 0; i < count; i++)
            {
                var size = (1 + _chance.NextBelow(200)) * Page;
                memory.Ranges.Add(new AddressRange(at, at + size));
                at += size + ((1 + _chance.NextBelow(100)) * Page);
            }
        }

        private HashSet<int> NoteReads()
        {
            var read = new HashSet<int>();
            foreach (var (id, known) in _known)
            {
                if (known.Memory.Reads != known.Reads)
                {
                    known.Reads = known.Memory.Reads;
                    read.Add(id);
                    if (known.Memory.ReadOutcome == ProbeOutcome.Ok && known.Memory.Ranges.Count > 0)
                    {
                        known.Ranges = [.. known.Memory.Ranges];
                    }
                }
            }

            return read.Count == 0 ? read : [.. _known.Keys]; // Where one is laid out anew, the others may have to make room.
        }

        private void Check()
        {
            _session.RegionCount.Should().BeLessThanOrEqualTo(_plan.Limits.Max, "{0} targets", _session.Targets.Count);
            foreach (var target in _session.Targets)
            {
                var regions = target.Regions;
                for (var i = 0; i < regions.Count; i++)
                {
                    var (start, end) = regions[i].Range;
                    if (start % Page != 0 || end % Page != 0 || start >= end || (i > 0 && start < regions.Ends[i - 1]))
                    {
                        Assert.Fail($"{regions[i].Range} does not follow the one before it, or is not made of pages.");
                    }
                }

                var most = _session.Intervals.SamplesPerAggregation;
                (regions.Accesses.ContainsAnyExceptInRange(0u, most) || regions.LastAccesses.ContainsAnyExceptInRange(0u, most) || regions.PartlyAccessed.ContainsAnyExceptInRange(0u, most))
                    .Should().BeFalse("{0} samples are looked at", most);

                // Only gaps between ranges may be bridged, so that few regions are enough: borders are borders of ranges, and the outermost are the same.
                var covered = Covered(regions);
                var ranges = _known[target.Id].Ranges;
                covered.Select(range => range.Start).Should().BeSubsetOf(ranges.Select(range => range.Start));
                covered.Select(range => range.End).Should().BeSubsetOf(ranges.Select(range => range.End));
                if (ranges.Length > 0)
                {
                    (covered[0].Start, covered[^1].End).Should().Be((ranges[0].Start, ranges[^1].End));
                }

                Folded += covered.Count < ranges.Length ? 1 : 0;
            }
        }

        private void CheckQuota()
        {
            var window = _session.Schemes[0].Window;
            if (window.Windows != _window)
            {
                _window = window.Windows;
                _appliedInWindow = 0;
            }

            foreach (var known in _known.Values)
            {
                _appliedInWindow += known.Memory.Applied.Aggregate(0UL, (sum, range) => sum + range.SizeBytes);
                known.Memory.Applied.Clear();
            }

            _appliedInWindow.Should().BeLessThanOrEqualTo(_quotaBytes);
            UsedUp += _appliedInWindow == _quotaBytes ? 1 : 0;
        }

        private static List<AddressRange> Covered(RegionTable regions)
        {
            var covered = new List<AddressRange>();
            for (var i = 0; i < regions.Count; i++)
            {
                if (covered.Count > 0 && covered[^1].End == regions.Starts[i])
                {
                    covered[^1] = covered[^1] with { End = regions.Ends[i] };
                }
                else
                {
                    covered.Add(regions[i].Range);
                }
            }

            return covered;
        }
    }

    private sealed class Known(ScriptedMemory memory)
    {
        public ScriptedMemory Memory { get; } = memory;

        public int Reads { get; set; }

        public AddressRange[] Ranges { get; set; } = [];
    }
}
