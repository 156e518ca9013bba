using Damon.Engine.KernelDamon;
using Damon.Engine.Machine;
using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;

namespace Damon.Engine.Tests.KernelDamon;

public class KernelCapabilitiesTests
{
    private static readonly KernelCapabilities Old = KernelCapabilities.Expected(KernelRelease.Parse("6.12.95+deb12-amd64"));
    private static readonly KernelCapabilities New = KernelCapabilities.Expected(KernelRelease.Parse("7.3.4+deb13-amd64"));

    /// <summary>What was seen in kernels 6.12 and 7.3, by process and by physical address.</summary>
    [Theory]
    [InlineData(SchemeAction.Stat, KernelRefusal.None, KernelRefusal.None, KernelRefusal.None, KernelRefusal.None)]
    [InlineData(SchemeAction.Pageout, KernelRefusal.NoSnapshotLimit, KernelRefusal.NoSnapshotLimit, KernelRefusal.None, KernelRefusal.None)]
    [InlineData(SchemeAction.Cold, KernelRefusal.NoSnapshotLimit, KernelRefusal.NeedsVirtual, KernelRefusal.None, KernelRefusal.NeedsVirtual)]
    [InlineData(SchemeAction.WillNeed, KernelRefusal.NoSnapshotLimit, KernelRefusal.NeedsVirtual, KernelRefusal.None, KernelRefusal.NeedsVirtual)]
    [InlineData(SchemeAction.HugePage, KernelRefusal.NoSnapshotLimit, KernelRefusal.NeedsVirtual, KernelRefusal.None, KernelRefusal.NeedsVirtual)]
    [InlineData(SchemeAction.NoHugePage, KernelRefusal.NoSnapshotLimit, KernelRefusal.NeedsVirtual, KernelRefusal.None, KernelRefusal.NeedsVirtual)]
    [InlineData(SchemeAction.Collapse, KernelRefusal.UnknownAction, KernelRefusal.UnknownAction, KernelRefusal.None, KernelRefusal.NeedsVirtual)]
    [InlineData(SchemeAction.LruPrio, KernelRefusal.NeedsPhysical, KernelRefusal.NoSnapshotLimit, KernelRefusal.NeedsPhysical, KernelRefusal.None)]
    [InlineData(SchemeAction.LruDeprio, KernelRefusal.NeedsPhysical, KernelRefusal.NoSnapshotLimit, KernelRefusal.NeedsPhysical, KernelRefusal.None)]
    [InlineData(SchemeAction.MigrateHot, KernelRefusal.NoEffect, KernelRefusal.NoSnapshotLimit, KernelRefusal.None, KernelRefusal.None)]
    [InlineData(SchemeAction.MigrateCold, KernelRefusal.NoEffect, KernelRefusal.NoSnapshotLimit, KernelRefusal.None, KernelRefusal.None)]
    [InlineData(SchemeAction.Reclaim, KernelRefusal.NotInDamon, KernelRefusal.NotInDamon, KernelRefusal.NotInDamon, KernelRefusal.NotInDamon)]
    public void An_action_is_left_to_the_kernel_where_it_does_something_and_ends(SchemeAction action, KernelRefusal oldVirtual, KernelRefusal oldPhysical, KernelRefusal newVirtual, KernelRefusal newPhysical)
    {
        new[]
        {
            Old.Action(action, KernelOperations.Vaddr), Old.Action(action, KernelOperations.Paddr), New.Action(action, KernelOperations.Vaddr), New.Action(action, KernelOperations.Paddr),
        }.Select(verdict => verdict.Refusal).Should().Equal(oldVirtual, oldPhysical, newVirtual, newPhysical);
    }

    [Fact]
    public void Every_refusal_comes_with_a_sentence_and_nothing_else_does()
    {
        foreach (var capabilities in new[] { Old, New, new KernelCapabilities(new KernelFeatures()) })
        {
            foreach (var operations in Enum.GetValues<KernelOperations>())
            {
                foreach (var action in Enum.GetValues<SchemeAction>())
                {
                    var verdicts = Enum.GetValues<SchemeFilterType>().Select(filter => capabilities.Filter(filter, action, operations)).Append(capabilities.Action(action, operations))
                        .Concat(Enum.GetValues<GoalMetric>().Select(goal => capabilities.Goal(goal, operations)));
                    verdicts.Should().OnlyContain(verdict => verdict.IsSupported ? verdict.Message.Length == 0 : verdict.Message.EndsWith('.'));
                }
            }
        }
    }

    [Theory]
    [InlineData(SchemeFilterType.Target, SchemeAction.Pageout, KernelOperations.Vaddr, KernelRefusal.None, KernelRefusal.None)]
    [InlineData(SchemeFilterType.Address, SchemeAction.Stat, KernelOperations.Paddr, KernelRefusal.None, KernelRefusal.None)]
    [InlineData(SchemeFilterType.Cgroup, SchemeAction.Pageout, KernelOperations.Paddr, KernelRefusal.None, KernelRefusal.None)]
    [InlineData(SchemeFilterType.Cgroup, SchemeAction.Pageout, KernelOperations.Vaddr, KernelRefusal.FilterIgnored, KernelRefusal.FilterIgnored)]
    [InlineData(SchemeFilterType.Anonymous, SchemeAction.HugePage, KernelOperations.Vaddr, KernelRefusal.FilterIgnored, KernelRefusal.FilterIgnored)]
    [InlineData(SchemeFilterType.Young, SchemeAction.MigrateHot, KernelOperations.Vaddr, KernelRefusal.FilterIgnored, KernelRefusal.None)]
    [InlineData(SchemeFilterType.Anonymous, SchemeAction.Stat, KernelOperations.Vaddr, KernelRefusal.FilterIgnored, KernelRefusal.None)]
    [InlineData(SchemeFilterType.Anonymous, SchemeAction.Stat, KernelOperations.Paddr, KernelRefusal.FilterIgnored, KernelRefusal.None)]
    [InlineData(SchemeFilterType.HugePageSize, SchemeAction.Pageout, KernelOperations.Paddr, KernelRefusal.UnknownFilter, KernelRefusal.None)]
    [InlineData(SchemeFilterType.Active, SchemeAction.Pageout, KernelOperations.Paddr, KernelRefusal.UnknownFilter, KernelRefusal.None)]
    [InlineData(SchemeFilterType.Unmapped, SchemeAction.Stat, KernelOperations.Paddr, KernelRefusal.UnknownFilter, KernelRefusal.None)]
    public void A_filter_that_would_not_be_asked_is_refused(SchemeFilterType filter, SchemeAction action, KernelOperations operations, KernelRefusal before, KernelRefusal now) =>
        (Old.Filter(filter, action, operations).Refusal, New.Filter(filter, action, operations).Refusal).Should().Be((before, now));

    [Theory]
    [InlineData("A", true)] // only this group
    [InlineData("r", true)]
    [InlineData("rr", true)]
    [InlineData("rA", true)] // what is not anonymous is held back, and of the rest only this group
    [InlineData("AA", false)] // two groups: the second would hold the first one back
    [InlineData("Ar", false)]
    [InlineData("TA", false)] // a region that is let through skips the filters on pages
    [InlineData("T", true)]
    [InlineData("tA", true)]
    public void Without_allow_one_filter_lets_through_and_it_is_the_last(string list, bool canBeSaid)
    {
        var filters = list.Select(letter => letter switch
        {
            'A' => new SchemeFilter(SchemeFilterType.Cgroup, Matching: true, Allow: true) { CgroupPath = "/a" },
            'T' => new SchemeFilter(SchemeFilterType.Target, Matching: true, Allow: true),
            't' => new SchemeFilter(SchemeFilterType.Target, Matching: true, Allow: false),
            _ => new SchemeFilter(SchemeFilterType.Anonymous, Matching: false, Allow: false),
        }).ToList();
        Old.Filters(filters, SchemeAction.Pageout, KernelOperations.Paddr).Refusal.Should().Be(canBeSaid ? KernelRefusal.None : KernelRefusal.NoFilterAllow);
        New.Filters(filters, SchemeAction.Pageout, KernelOperations.Paddr).IsSupported.Should().BeTrue();
    }

    [Theory]
    [InlineData("6.12", new[] { GoalMetric.UserInput, GoalMetric.SomeMemoryPressure })]
    [InlineData("6.18", new[] { GoalMetric.UserInput, GoalMetric.SomeMemoryPressure, GoalMetric.NodeMemoryUsed, GoalMetric.NodeMemoryFree })]
    [InlineData("7.3", new[]
    {
        GoalMetric.UserInput, GoalMetric.SomeMemoryPressure, GoalMetric.NodeMemoryUsed, GoalMetric.NodeMemoryFree, GoalMetric.NodeCgroupUsed, GoalMetric.NodeCgroupFree, GoalMetric.ActiveMemory,
        GoalMetric.InactiveMemory, GoalMetric.NodeEligibleMemory,
    })]
    public void Goals_come_with_releases_and_one_is_physical(string release, GoalMetric[] goals)
    {
        var capabilities = KernelCapabilities.Expected(KernelRelease.Parse(release));
        Enum.GetValues<GoalMetric>().Where(goal => capabilities.Goal(goal, KernelOperations.Paddr).IsSupported).Should().Equal(goals);
        Enum.GetValues<GoalMetric>().Where(goal => capabilities.Goal(goal, KernelOperations.Vaddr).IsSupported).Should().Equal(goals.Where(goal => goal != GoalMetric.NodeEligibleMemory));
    }

    [Fact]
    public void A_kernel_that_is_not_known_can_do_nothing() =>
        KernelCapabilities.Expected(KernelRelease.Parse("nonsense")).Action(SchemeAction.Stat, KernelOperations.Vaddr).Refusal.Should().Be(KernelRefusal.NoOperations);

    [Fact]
    public void A_backported_file_counts_and_not_the_version()
    {
        var backported = new KernelCapabilities(Old.Features with { HasDestinations = true, HasSnapshotLimit = true });
        backported.Action(SchemeAction.MigrateHot, KernelOperations.Vaddr).IsSupported.Should().BeTrue();
        (backported.IsExpected, Old.IsExpected).Should().Be((false, true));
    }

    public static TheoryData<string, KernelRefusal, KernelRefusal> Schemes => new()
    {
        { "sensing", KernelRefusal.None, KernelRefusal.None },
        { "acting with an end", KernelRefusal.NoSnapshotLimit, KernelRefusal.None },
        { "acting without an end", KernelRefusal.NoSnapshotLimit, KernelRefusal.Unbounded },
        { "moving nowhere", KernelRefusal.NoSnapshotLimit, KernelRefusal.NoDestination },
        { "moving to two nodes", KernelRefusal.NoSnapshotLimit, KernelRefusal.OneDestination },
        { "a goal of 7.0", KernelRefusal.UnknownGoal, KernelRefusal.None },
        { "the second tuner", KernelRefusal.NoGoalTuner, KernelRefusal.None },
        { "failures at half price", KernelRefusal.NoFailedCharge, KernelRefusal.None },
        { "a budget per pod", KernelRefusal.NoGroupBudget, KernelRefusal.NoGroupBudget },
        { "available memory", KernelRefusal.UnknownWatermark, KernelRefusal.UnknownWatermark },
        { "tuned intervals", KernelRefusal.NoIntervalsGoal, KernelRefusal.None },
        { "resting", KernelRefusal.NoPause, KernelRefusal.None },
        { "large units", KernelRefusal.NoAddressUnit, KernelRefusal.None },
    };

    [Theory]
    [MemberData(nameof(Schemes))]
    public void A_context_is_refused_for_the_first_thing_that_would_not_be_done(string what, KernelRefusal before, KernelRefusal now)
    {
        var stat = new KernelScheme(SchemeAction.Stat, KernelPattern.Everything);
        var pageout = stat with { Action = SchemeAction.Pageout, MaxSnapshots = 30 };
        var move = pageout with { Action = SchemeAction.MigrateCold };
        var scheme = what switch
        {
            "acting with an end" => pageout,
            "acting without an end" => pageout with { MaxSnapshots = 0 },
            "moving nowhere" => move,
            "moving to two nodes" => move with { Destinations = [new MigrationDestination(0, 1), new MigrationDestination(1, 1)] },
            "a goal of 7.0" => stat with { Quota = new SchemeQuota { Goals = [new QuotaGoal(GoalMetric.ActiveMemory, 1000)] } },
            "the second tuner" => stat with { Quota = new SchemeQuota { Goals = [new QuotaGoal(GoalMetric.UserInput, 1000)], Tuner = QuotaTuner.Temporal } },
            "failures at half price" => stat with { Quota = new SchemeQuota { FailedChargeNumerator = 1, FailedChargeDenominator = 2 } },
            "a budget per pod" => stat with { Quota = new SchemeQuota { PerGroupBytes = 4096 } },
            "available memory" => stat with { Watermarks = new SchemeWatermarks { Metric = WatermarkMetric.AvailableMemory } },
            _ => stat,
        };
        var context = new KernelContext(KernelOperations.Paddr, MonitoringIntervals.Default, RegionLimits.Default, [new KernelTarget(0)], [stat, scheme])
        {
            IntervalsGoal = what == "tuned intervals" ? new IntervalsGoal() : null,
            IsPaused = what == "resting",
            AddressUnitBytes = what == "large units" ? 4096UL : 1,
        };

        (Old.Context(context).Refusal, New.Context(context).Refusal).Should().Be((before, now));
    }
}
