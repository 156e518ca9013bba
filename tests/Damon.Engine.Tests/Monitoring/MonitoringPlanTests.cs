using CsCheck;
using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;
using Damon.Testing;

namespace Damon.Engine.Tests.Monitoring;

public class MonitoringPlanTests
{
    private static readonly MonitoringPlan Good = new(MonitoringIntervals.Default, RegionLimits.Default, [SchemeTests.Scheme("cold")]);

    public static TheoryData<string, MonitoringPlan> HostilePlans
    {
        get
        {
            static MonitoringPlan Times(double sample, double aggregation, double update) =>
                Good with { Intervals = new(TimeSpan.FromMilliseconds(sample), TimeSpan.FromMilliseconds(aggregation), TimeSpan.FromMilliseconds(update)) };
            static MonitoringPlan With(Func<SchemeDescription, SchemeDescription> change) => Good with { Schemes = [change(Good.Schemes[0])] };
            static MonitoringPlan WithPattern(AccessPattern pattern) => With(s => s with { Pattern = pattern });
            static MonitoringPlan WithQuota(SchemeQuota quota) => With(s => s with { Quota = quota });
            static MonitoringPlan WithGoal(IntervalsGoal goal) => Good with { IntervalsGoal = goal };
            return new()
            {
                { "intervals.sample", Times(0, 100, 1000) },
                { "intervals.sample", Times(-5, 100, 1000) },
                { "intervals.aggregation", Times(5, 4.999, 1000) },
                { "intervals.aggregation", Times(0.001, 2000, 3000) },
                { "intervals.update", Times(5, 100, 99) },
                { "intervals.update", Good with { Intervals = Good.Intervals with { Update = TimeSpan.MaxValue } } },
                { "intervals.sample", Good with { Intervals = default } },
                { "intervals.sample", Good with { Intervals = new(TimeSpan.MaxValue, TimeSpan.MaxValue, TimeSpan.MaxValue) } },
                { "intervals.sample", Good with { Intervals = new(TimeSpan.MinValue, TimeSpan.MinValue, TimeSpan.MinValue) } },
                { "regions.min", Good with { Limits = new(2, 1000) } },
                { "regions.min", Good with { Limits = new(int.MinValue, 1000) } },
                { "regions.max", Good with { Limits = new(10, 9) } },
                { "regions.max", Good with { Limits = new(10, 1_000_001) } },
                { "regions.max", Good with { Limits = new(int.MaxValue, int.MaxValue) } },
                { "regions.min", Good with { Limits = default } },
                { "minRegionBytes", Good with { MinRegionBytes = 0 } },
                { "minRegionBytes", Good with { MinRegionBytes = 4095 } },
                { "minRegionBytes", Good with { MinRegionBytes = 1UL << 63 } },
                { "layout", Good with { Layout = (AddressSpaceLayout)7 } },
                { "intervalsGoal.accessRate", WithGoal(new() { AccessRate = AccessRate.Never }) },
                { "intervalsGoal.aggregations", WithGoal(new() { Aggregations = 0 }) },
                { "intervalsGoal.aggregations", WithGoal(new() { Aggregations = int.MaxValue }) },
                { "intervalsGoal.minSample", WithGoal(new() { MinSample = TimeSpan.Zero }) },
                { "intervalsGoal.maxSample", WithGoal(new() { MaxSample = TimeSpan.MaxValue }) },
                { "intervalsGoal.minSample", WithGoal(new() { MinSample = TimeSpan.FromSeconds(2), MaxSample = TimeSpan.FromSeconds(1) }) },
                { "intervalsGoal", WithGoal(new() { MinSample = TimeSpan.FromSeconds(1), MaxSample = TimeSpan.FromSeconds(2) }) },
                { "schemes", Good with { Schemes = null! } },
                { "schemes", Good with { Schemes = [.. Enumerable.Range(0, 5000).Select(i => SchemeTests.Scheme($"s{i}"))] } },
                { "schemes[1]", Good with { Schemes = [Good.Schemes[0], null!] } },
                { "schemes[1].name", Good with { Schemes = [Good.Schemes[0], Good.Schemes[0]] } },
                { "schemes[0].name", With(s => s with { Name = "" }) },
                { "schemes[0].name", With(s => s with { Name = null! }) },
                { "schemes[0].name", With(s => s with { Name = "two\nlines" }) },
                { "schemes[0].name", With(s => s with { Name = new string('x', 254) }) },
                { "schemes[cold].action", With(s => s with { Action = (SchemeAction)99 }) },
                { "schemes[cold].mode", With(s => s with { Mode = (SchemeMode)(-1) }) },
                { "schemes[cold].applyInterval", With(s => s with { ApplyInterval = TimeSpan.FromTicks(-1) }) },
                { "schemes[cold].applyInterval", With(s => s with { ApplyInterval = TimeSpan.MaxValue }) },
                { "schemes[cold].pattern", WithPattern(null!) },
                { "schemes[cold].pattern.size", WithPattern(new() { MinSizeBytes = 1UL << 63, MaxSizeBytes = 4096 }) },
                { "schemes[cold].pattern.accessRate", WithPattern(new() { MinRate = AccessRate.Always, MaxRate = AccessRate.Never }) },
                { "schemes[cold].pattern.age", WithPattern(new() { MinAge = TimeSpan.FromSeconds(2), MaxAge = TimeSpan.FromSeconds(1) }) },
                { "schemes[cold].pattern.age", WithPattern(new() { MinAge = TimeSpan.MinValue }) },
                { "schemes[cold].quota", WithQuota(null!) },
                { "schemes[cold].quota.interval", WithQuota(new() { Interval = TimeSpan.Zero }) },
                { "schemes[cold].quota.interval", WithQuota(new() { Interval = TimeSpan.MaxValue }) },
                { "schemes[cold].quota.time", WithQuota(new() { Time = TimeSpan.MinValue }) },
                { "schemes[cold].quota.weights.accessRate", WithQuota(new() { AccessRateWeight = -1 }) },
                { "schemes[cold].quota.weights.age", WithQuota(new() { AgeWeight = int.MaxValue }) },
            };
        }
    }

    [Theory]
    [MemberData(nameof(HostilePlans))]
    public void A_hostile_value_gives_an_error_that_names_its_field(string field, MonitoringPlan plan)
    {
        plan.Check().Select(error => error.Field).Should().Contain(field);
        FluentActions.Invoking(() => Session(plan)).Should().Throw<ArgumentException>().WithMessage($"*{field}: *");
    }

    [Theory]
    [InlineData(10, 1000, 5000, 100_000, true)]
    [InlineData(1, 1000, 5000, 100_000, false)]
    [InlineData(10, 9, 5000, 100_000, false)]
    [InlineData(10, 1000, 5000, 4999, false)]
    public void A12_attributes(int min, int max, int sampleMicroseconds, int aggregationMicroseconds, bool valid)
    {
        var plan = new MonitoringPlan(
            new(TimeSpan.FromMicroseconds(sampleMicroseconds), TimeSpan.FromMicroseconds(aggregationMicroseconds), TimeSpan.FromSeconds(60)), new(min, max), []);

        (plan.Check().Count == 0).Should().Be(valid);
    }

    [Fact]
    public void Every_fault_is_named_at_once()
    {
        var plan = new MonitoringPlan(default, new(0, -1), [SchemeTests.Scheme("")]) { MinRegionBytes = 3 };

        plan.Check().Select(error => error.Field).Should().Contain(["intervals.sample", "regions.min", "regions.max", "minRegionBytes", "schemes[0].name"]);
    }

    [Fact]
    public void The_largest_values_that_pass_can_be_carried_out()
    {
        var plan = Good with { Intervals = new(TimeSpan.FromMicroseconds(1), TimeSpan.FromSeconds(1), MonitoringIntervals.Longest), Limits = new(3, 1_000_000) };

        plan.Check().Should().BeEmpty();
        plan.Intervals.SamplesPerAggregation.Should().Be(MonitoringIntervals.MaxSamplesPerAggregation);
        plan.Intervals.WithSample(MonitoringIntervals.Longest).Aggregation.Should().BeLessThanOrEqualTo(MonitoringIntervals.Longest);
    }

    [Fact]
    public void Any_plan_gets_errors_or_runs()
    {
        var (refused, ran, refusedCommits, commits) = (0, 0, 0, 0);
        Gen.Select(Plans, Plans, Gen.ULong).Sample(
            (plan, next, seed) =>
            {
                if (plan.Check().Count > 0)
                {
                    FluentActions.Invoking(() => Session(plan)).Should().Throw<ArgumentException>();
                    Interlocked.Increment(ref refused);
                    return;
                }

                Interlocked.Increment(ref ran);
                using var session = Session(plan, seed);
                using var memory = Memory(plan, next);
                session.AddTarget(1, memory, memory);
                for (var i = 0; i < 200; i++)
                {
                    if (i == 100)
                    {
                        _ = session.Commit(next).Count > 0 ? Interlocked.Increment(ref refusedCommits) : Interlocked.Increment(ref commits);
                    }

                    session.BeginSample();
                    session.EndSample();
                    memory.Applied.Clear();
                }

                session.TakeSnapshot();
            },
            iter: 1500,
            threads: 1);
        (refused, ran, refusedCommits, commits).Should().Match<(int, int, int, int)>(t => t.Item1 > 20 && t.Item2 > 20 && t.Item3 > 5 && t.Item4 > 5, "all ways are taken");
    }

    private static readonly Gen<TimeSpan> Times = Any(
        TimeSpan.MinValue, TimeSpan.FromTicks(-1), TimeSpan.Zero, TimeSpan.FromTicks(1), TimeSpan.FromMicroseconds(1), TimeSpan.FromMilliseconds(5),
        TimeSpan.FromSeconds(1), TimeSpan.FromHours(720), TimeSpan.FromHours(720) + TimeSpan.FromTicks(1), TimeSpan.MaxValue);

    private static readonly Gen<ulong> Sizes = Any(0UL, 1UL, 4096UL, 1UL << 30, 1UL << 47, 1UL << 63, ulong.MaxValue);

    private static readonly Gen<int> Weights = Any(int.MinValue, -1, 0, 1, 30, 1_000_000, int.MaxValue);

    private static readonly Gen<AccessRate> Rates = Any(AccessRate.Never, AccessRate.FromPercent(0.0001m), AccessRate.FromPercent(50), AccessRate.Always);

    private static readonly Gen<AccessPattern> Patterns = Often(
        new AccessPattern { MaxRate = AccessRate.FromPercent(50) },
        Gen.Select(Sizes, Sizes, Rates, Rates, Times, Times, (minSize, maxSize, minRate, maxRate, minAge, maxAge) => new AccessPattern
        {
            MinSizeBytes = minSize,
            MaxSizeBytes = maxSize,
            MinRate = minRate,
            MaxRate = maxRate,
            MinAge = minAge,
            MaxAge = maxAge,
        }));

    private static readonly Gen<SchemeQuota> Quotas = Often(
        new SchemeQuota { SizeBytes = 10000, Interval = TimeSpan.FromMilliseconds(7) },
        Gen.Select(Sizes, Times, Times, Weights, Weights, (size, time, interval, rate, age) => new SchemeQuota
        {
            SizeBytes = size,
            Time = time,
            Interval = interval,
            AccessRateWeight = rate,
            AgeWeight = age,
        }));

    private static readonly Gen<(SchemeAction Action, MigrationDestination[] Destinations)> Actions = Gen.Frequency(
        (20, Any(SchemeAction.Stat, SchemeAction.Pageout, SchemeAction.Cold, SchemeAction.Reclaim).Select(action => (action, Array.Empty<MigrationDestination>()))),
        (5, Any(SchemeAction.MigrateHot, SchemeAction.MigrateCold).Select(action => (action, new MigrationDestination[] { new(0), new(1023, 1_000_000) }))),
        (1, Gen.Select(Gen.Enum<SchemeAction>(), Gen.Select(Weights, Weights, (node, weight) => new MigrationDestination(node, weight)).Array[0, 40])));

    private static readonly Gen<SchemeDescription> Schemes = Gen.Select(
        Any("a", "b", "c", "d"), Actions, Patterns, Quotas,
        Gen.Enum<SchemeMode>(), Often(TimeSpan.Zero, Times), (name, action, pattern, quota, mode, apply) =>
            new SchemeDescription(name, action.Action, pattern) { Quota = quota, Mode = mode, ApplyInterval = apply, Destinations = action.Destinations });

    private static readonly Gen<MonitoringIntervals> Intervals = Gen.Frequency(
        (6, Any(
            MonitoringIntervals.Default,
            new MonitoringIntervals(TimeSpan.FromMicroseconds(1), TimeSpan.FromMicroseconds(1), TimeSpan.FromMicroseconds(1)),
            new MonitoringIntervals(MonitoringIntervals.Longest, MonitoringIntervals.Longest, MonitoringIntervals.Longest),
            new MonitoringIntervals(TimeSpan.FromMicroseconds(1), TimeSpan.FromSeconds(1), MonitoringIntervals.Longest),
            new MonitoringIntervals(TimeSpan.FromTicks(33), TimeSpan.FromTicks(100), TimeSpan.FromTicks(101)))),
        (1, Gen.Select(Times, Times, Times, (sample, aggregation, update) => new MonitoringIntervals(sample, aggregation, update))));

    private static readonly Gen<RegionLimits> Limits = Gen.Frequency(
        (6, Any(new RegionLimits(3, 3), new RegionLimits(10, 1000), new RegionLimits(1000, 1000), new RegionLimits(1_000_000, 1_000_000))),
        (1, Gen.Select(Any(int.MinValue, 0, 2, 3, int.MaxValue), Any(-1, 2, 3, 1000, 1_000_001, int.MaxValue), (min, max) => new RegionLimits(min, max))));

    private static readonly Gen<IntervalsGoal?> Goals = Gen.Frequency(
        (3, Gen.Const((IntervalsGoal?)null)),
        (3, Gen.Select(Rates, Any(1, 3, 1000), (rate, aggregations) =>
            (IntervalsGoal?)new IntervalsGoal { AccessRate = rate, Aggregations = aggregations, MinSample = MonitoringIntervals.Shortest, MaxSample = MonitoringIntervals.Longest })),
        (1, Gen.Select(Rates, Any(int.MinValue, 0, 1, int.MaxValue), Times, Times, (rate, aggregations, min, max) =>
            (IntervalsGoal?)new IntervalsGoal { AccessRate = rate, Aggregations = aggregations, MinSample = min, MaxSample = max })));

    private static readonly Gen<MonitoringPlan> Plans = Gen.Select(
        Intervals, Limits, Schemes.Array[0, 4], Goals, Gen.Frequency((8, Gen.Const(4096UL)), (2, Any(1UL, 1UL << 30)), (1, Sizes)), Sizes,
        Gen.Select(Gen.Enum<AddressSpaceLayout>(), Gen.Bool), (intervals, limits, schemes, goal, minRegion, floor, rest) =>
            new MonitoringPlan(intervals, limits, schemes) { IntervalsGoal = goal, MinRegionBytes = minRegion, ResidentFloorBytes = floor, Layout = rest.Item1, IsPaused = rest.Item2 && floor == 0 });

    private static Gen<T> Any<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static Gen<T> Often<T>(T usual, Gen<T> extreme) => Gen.Frequency((3, Gen.Const(usual)), (1, extreme));

    /// <summary>Half of the address space where few regions are allowed, a few pages where there may be one per byte.</summary>
    private static ScriptedMemory Memory(MonitoringPlan plan, MonitoringPlan next)
    {
        var memory = new ScriptedMemory { Resident = 1UL << 46, IsAccessed = address => (address >> 13) % 3 == 0 };
        memory.Ranges.Add(new AddressRange(0, 4096));
        memory.Ranges.Add(new AddressRange(4096, 8192));
        memory.Ranges.Add(new AddressRange(1 << 20, (1 << 20) + 4097));
        if (Math.Max(plan.Limits.Max, next.Limits.Max) <= 1000)
        {
            memory.Ranges.Add(new AddressRange(1UL << 46, (1UL << 47) - 4096));
            memory.Ranges.Add(new AddressRange(1UL << 48, 1UL << 57));
        }

        return memory;
    }

    private static MonitoringSession Session(MonitoringPlan plan, ulong seed = 1)
    {
        var random = new RandomSource(seed);
        return new MonitoringSession(plan, new KernelRegionPolicy(plan.Limits, random), random, TimeProvider.System);
    }
}
