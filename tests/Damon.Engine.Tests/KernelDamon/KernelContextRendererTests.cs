using Damon.Engine.KernelDamon;
using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;

namespace Damon.Engine.Tests.KernelDamon;

public class KernelContextRendererTests
{
    private static readonly KernelContext Plain = new(
        KernelOperations.Vaddr, MonitoringIntervals.Default, RegionLimits.Default, [new KernelTarget(42)], [new KernelScheme(SchemeAction.Stat, new KernelPattern(4096, ulong.MaxValue, 0, 3, 600, uint.MaxValue))]);

    private static readonly KernelFeatures Middle = Kernels.Old with { HasFilterAllow = true };

    [Fact]
    public void Everything_that_an_old_kernel_has_is_written_counts_first_and_types_before_their_arguments()
    {
        Lines(Plain, Kernels.Old).Should().Equal(
            "operations=vaddr",
            "monitoring_attrs/intervals/sample_us=5000", "monitoring_attrs/intervals/aggr_us=100000", "monitoring_attrs/intervals/update_us=60000000",
            "monitoring_attrs/nr_regions/min=10", "monitoring_attrs/nr_regions/max=1000",
            "#targets/nr_targets=1",
            "targets/0/pid_target=42", "#targets/0/regions/nr_regions=0",
            "#schemes/nr_schemes=1",
            "schemes/0/action=stat", "schemes/0/apply_interval_us=0",
            "schemes/0/access_pattern/sz/min=4096", "schemes/0/access_pattern/sz/max=18446744073709551615",
            "schemes/0/access_pattern/nr_accesses/min=0", "schemes/0/access_pattern/nr_accesses/max=3",
            "schemes/0/access_pattern/age/min=600", "schemes/0/access_pattern/age/max=4294967295",
            "schemes/0/target_nid=-1",
            "schemes/0/quotas/ms=0", "schemes/0/quotas/bytes=0", "schemes/0/quotas/reset_interval_ms=0",
            "schemes/0/quotas/weights/sz_permil=0", "schemes/0/quotas/weights/nr_accesses_permil=0", "schemes/0/quotas/weights/age_permil=0",
            "#schemes/0/quotas/goals/nr_goals=0",
            "schemes/0/watermarks/metric=none", "schemes/0/watermarks/interval_us=0", "schemes/0/watermarks/high=0", "schemes/0/watermarks/mid=0", "schemes/0/watermarks/low=0",
            "#schemes/0/filters/nr_filters=0");
    }

    [Fact]
    public void Everything_that_a_new_kernel_has_is_written()
    {
        var scheme = new KernelScheme(SchemeAction.MigrateCold, KernelPattern.Everything)
        {
            ApplyInterval = TimeSpan.FromMilliseconds(7),
            Quota = new SchemeQuota
            {
                SizeBytes = 1 << 20,
                Time = TimeSpan.FromTicks(1),
                Interval = TimeSpan.FromMilliseconds(1500.5),
                Tuner = QuotaTuner.Temporal,
                FailedChargeNumerator = 1,
                FailedChargeDenominator = 4,
                Goals =
                [
                    new QuotaGoal(GoalMetric.UserInput, 10_000) { Current = 7 }, new QuotaGoal(GoalMetric.NodeMemoryUsed, 9_900) { Node = 1 },
                    new QuotaGoal(GoalMetric.NodeCgroupFree, 100) { Node = 2, Cgroup = "/kubepods/a/" }, new QuotaGoal(GoalMetric.SomeMemoryPressure, 12_000),
                ],
            },
            Watermarks = new SchemeWatermarks { Metric = WatermarkMetric.FreeMemory, Interval = TimeSpan.FromSeconds(2), High = 500, Mid = 400, Low = 50 },
            Destinations = [new MigrationDestination(1, 3), new MigrationDestination(2, 0), new MigrationDestination(3)],
            Filters =
            [
                new SchemeFilter(SchemeFilterType.Cgroup, Matching: true, Allow: true) { CgroupPath = "kubepods/b" }, new SchemeFilter(SchemeFilterType.Target, Matching: false, Allow: false) { TargetId = 1 },
                new SchemeFilter(SchemeFilterType.HugePageSize, Matching: true, Allow: false) { MinSizeBytes = 2 << 20, MaxSizeBytes = 1 << 30 },
                new SchemeFilter(SchemeFilterType.Address, Matching: true, Allow: false) { StartAddress = 4096, EndAddress = 8192 },
            ],
            MaxSnapshots = 9,
        };
        var context = Plain with
        {
            IntervalsGoal = new IntervalsGoal { AccessRate = AccessRate.FromPercent(0.001m) },
            IsPaused = true,
            Targets = [new KernelTarget(42) { Ranges = [new AddressRange(0, 4096), new AddressRange(4096, 8192)] }, new KernelTarget(43) { IsObsolete = true }],
            Schemes = [scheme],
        };

        Lines(context, Kernels.New).Should().Equal(
            "operations=vaddr", "addr_unit=1", "pause=Y",
            "monitoring_attrs/intervals/sample_us=5000", "monitoring_attrs/intervals/aggr_us=100000", "monitoring_attrs/intervals/update_us=60000000",
            "monitoring_attrs/intervals/intervals_goal/access_bp=1", "monitoring_attrs/intervals/intervals_goal/aggrs=3",
            "monitoring_attrs/intervals/intervals_goal/min_sample_us=5000", "monitoring_attrs/intervals/intervals_goal/max_sample_us=10000000",
            "monitoring_attrs/nr_regions/min=10", "monitoring_attrs/nr_regions/max=1000",
            "#targets/nr_targets=2",
            "targets/0/pid_target=42", "targets/0/obsolete_target=N", "#targets/0/regions/nr_regions=2",
            "targets/0/regions/0/start=0", "targets/0/regions/0/end=4096", "targets/0/regions/1/start=4096", "targets/0/regions/1/end=8192",
            "targets/1/pid_target=43", "targets/1/obsolete_target=Y", "#targets/1/regions/nr_regions=0",
            "#schemes/nr_schemes=1",
            "schemes/0/action=migrate_cold", "schemes/0/apply_interval_us=7000",
            "schemes/0/access_pattern/sz/min=0", "schemes/0/access_pattern/sz/max=18446744073709551615",
            "schemes/0/access_pattern/nr_accesses/min=0", "schemes/0/access_pattern/nr_accesses/max=4294967295",
            "schemes/0/access_pattern/age/min=0", "schemes/0/access_pattern/age/max=4294967295",
            "schemes/0/target_nid=-1",
            "#schemes/0/dests/nr_dests=2", "schemes/0/dests/0/id=1", "schemes/0/dests/0/weight=3", "schemes/0/dests/1/id=3", "schemes/0/dests/1/weight=1",
            "schemes/0/quotas/ms=1", "schemes/0/quotas/bytes=1048576", "schemes/0/quotas/reset_interval_ms=1501",
            "schemes/0/quotas/weights/sz_permil=0", "schemes/0/quotas/weights/nr_accesses_permil=300", "schemes/0/quotas/weights/age_permil=700",
            "schemes/0/quotas/goal_tuner=temporal", "schemes/0/quotas/fail_charge_num=1", "schemes/0/quotas/fail_charge_denom=4",
            "#schemes/0/quotas/goals/nr_goals=4",
            "schemes/0/quotas/goals/0/target_metric=user_input", "schemes/0/quotas/goals/0/target_value=10000", "schemes/0/quotas/goals/0/current_value=7",
            "schemes/0/quotas/goals/1/target_metric=node_mem_used_bp", "schemes/0/quotas/goals/1/target_value=9900", "schemes/0/quotas/goals/1/nid=1",
            "schemes/0/quotas/goals/2/target_metric=node_memcg_free_bp", "schemes/0/quotas/goals/2/target_value=100", "schemes/0/quotas/goals/2/nid=2", "schemes/0/quotas/goals/2/path=/kubepods/a",
            "schemes/0/quotas/goals/3/target_metric=some_mem_psi_us", "schemes/0/quotas/goals/3/target_value=12000",
            "schemes/0/watermarks/metric=free_mem_rate", "schemes/0/watermarks/interval_us=2000000", "schemes/0/watermarks/high=500", "schemes/0/watermarks/mid=400", "schemes/0/watermarks/low=50",
            "#schemes/0/core_filters/nr_filters=2",
            "schemes/0/core_filters/0/type=target", "schemes/0/core_filters/0/matching=N", "schemes/0/core_filters/0/allow=N", "schemes/0/core_filters/0/damon_target_idx=1",
            "schemes/0/core_filters/1/type=addr", "schemes/0/core_filters/1/matching=Y", "schemes/0/core_filters/1/allow=N", "schemes/0/core_filters/1/addr_start=4096", "schemes/0/core_filters/1/addr_end=8192",
            "#schemes/0/ops_filters/nr_filters=2",
            "schemes/0/ops_filters/0/type=memcg", "schemes/0/ops_filters/0/matching=Y", "schemes/0/ops_filters/0/allow=Y", "schemes/0/ops_filters/0/memcg_path=/kubepods/b",
            "schemes/0/ops_filters/1/type=hugepage_size", "schemes/0/ops_filters/1/matching=Y", "schemes/0/ops_filters/1/allow=N", "schemes/0/ops_filters/1/min=2097152", "schemes/0/ops_filters/1/max=1073741824",
            "#schemes/0/filters/nr_filters=0",
            "schemes/0/stats/max_nr_snapshots=9");
    }

    /// <summary>+A: let A through; -A: hold A back; !: what is not A. a: anonymous, y: young, t: target 0.</summary>
    [Theory]
    [InlineData("-a", "-a", "-a")]
    [InlineData("-!a -y", "-!a -y", "-!a -y")]
    [InlineData("+a", "-!a", "-!a")]
    [InlineData("+!a", "-a", "-a")]
    [InlineData("-y +a", "-y -!a", "-y -!a")]
    [InlineData("+t", "-!t", "-!t")]
    [InlineData("-y +t", null, "+t -y")]
    [InlineData("+a +y", null, "+a -!y")]
    [InlineData("+a -y", null, "+a -y")]
    public void Kernels_without_a_default_by_the_last_filter_get_filters_that_mean_the_same(string filters, string? withoutAllow, string withAllow)
    {
        var context = Plain with { Schemes = [Plain.Schemes[0] with { Filters = [.. filters.Split(' ').Select(Filter)] }] };
        var outcome = KernelContextRenderer.Render(context, Kernels.Old, []);
        outcome.Kind.Should().Be(withoutAllow is null ? KernelOutcomeKind.Unsupported : KernelOutcomeKind.Done, outcome.Message);
        if (withoutAllow is not null)
        {
            Filters(Lines(context, Kernels.Old)).Should().Be(withoutAllow);
        }

        Filters(Lines(context, Middle)).Should().Be(withAllow);
    }

    [Fact]
    public void Physical_addresses_are_in_units_and_never_more_than_asked_for()
    {
        var scheme = new KernelScheme(SchemeAction.MigrateHot, new KernelPattern(5000, 9000, 0, 1, 0, 1))
        {
            Quota = new SchemeQuota { SizeBytes = 1 },
            Destinations = [new MigrationDestination(1, 7)],
            Filters = [new SchemeFilter(SchemeFilterType.Address, Matching: true, Allow: false) { StartAddress = 8192, EndAddress = 16384 }],
        };
        var context = Plain with
        {
            Operations = KernelOperations.Paddr,
            AddressUnitBytes = 4096,
            Targets = [new KernelTarget(0) { Ranges = [new AddressRange(4097, 20479)] }],
            Schemes = [scheme],
        };

        var lines = Lines(context, Kernels.New);

        lines.Should().Contain([
            "addr_unit=4096", "targets/0/pid_target=0", "targets/0/regions/0/start=2", "targets/0/regions/0/end=4", "schemes/0/access_pattern/sz/min=2", "schemes/0/access_pattern/sz/max=2",
            "schemes/0/quotas/bytes=1", "schemes/0/core_filters/0/addr_start=2", "schemes/0/core_filters/0/addr_end=4"]);
        lines.Should().Contain(["schemes/0/target_nid=1", "#schemes/0/dests/nr_dests=0"], "the kernel moves physical addresses to target_nid only");
    }

    [Fact]
    public void Watermarks_of_available_memory_are_not_the_kernels()
    {
        var context = Plain with { Schemes = [Plain.Schemes[0] with { Watermarks = new SchemeWatermarks { Metric = WatermarkMetric.AvailableMemory, High = 900, Mid = 800, Low = 100 } }] };
        Lines(context, Kernels.New).Should().Contain(["schemes/0/watermarks/metric=none", "schemes/0/watermarks/high=0"]);
    }

    [Fact]
    public void What_an_old_kernel_cannot_is_named()
    {
        var scheme = Plain.Schemes[0];
        (KernelContext Context, string Part)[] cases =
        [
            (Plain with { IsPaused = true }, "pause"),
            (Plain with { IntervalsGoal = new IntervalsGoal() }, "intervals_goal"),
            (Plain with { Operations = KernelOperations.Paddr, AddressUnitBytes = 4096 }, "addr_unit"),
            (Plain with { Targets = [new KernelTarget(1) { IsObsolete = true }] }, "obsolete_target"),
            (Of(scheme with { Action = SchemeAction.Collapse }), "Collapse"),
            (Of(scheme with { MaxSnapshots = 1 }), "max_nr_snapshots"),
            (Of(scheme with { Filters = [new SchemeFilter(SchemeFilterType.Unmapped, Matching: true, Allow: false)] }), "Unmapped"),
            (Of(scheme with { Action = SchemeAction.MigrateHot, Destinations = [new MigrationDestination(0), new MigrationDestination(1)] }), "dests"),
            (Of(scheme with { Quota = new SchemeQuota { Goals = [new QuotaGoal(GoalMetric.ActiveMemory, 1)] } }), "ActiveMemory"),
            (Of(scheme with { Quota = new SchemeQuota { Tuner = QuotaTuner.Temporal, Goals = [new QuotaGoal(GoalMetric.UserInput, 1)] } }), "goal_tuner"),
            (Of(scheme with { Quota = new SchemeQuota { FailedChargeDenominator = 2 } }), "fail_charge_num"),
        ];
        foreach (var (context, part) in cases)
        {
            var outcome = KernelContextRenderer.Render(context, Kernels.Old, []);
            outcome.Kind.Should().Be(KernelOutcomeKind.Unsupported, part);
            outcome.Message.Should().Contain(part);
            KernelContextRenderer.Render(context, Kernels.New, []).IsDone.Should().BeTrue(part);
        }
    }

    [Fact]
    public void What_no_kernel_takes_is_named()
    {
        var scheme = Plain.Schemes[0];
        (KernelContext Context, KernelOutcomeKind Kind, string Part)[] cases =
        [
            (Of(scheme with { Action = SchemeAction.Reclaim }), KernelOutcomeKind.Unsupported, "Reclaim"),
            (Of(scheme with { Quota = new SchemeQuota { PerGroupBytes = 1 } }), KernelOutcomeKind.Unsupported, "per group"),
            (Of(scheme with { Quota = new SchemeQuota { Goals = [new QuotaGoal(GoalMetric.NodeEligibleMemory, 1) { Node = 0 }] } }), KernelOutcomeKind.Unsupported, "NodeEligibleMemory"),
            (Of(scheme with { Quota = new SchemeQuota { Goals = [new QuotaGoal(GoalMetric.UserInput, 0)] } }), KernelOutcomeKind.Refused, "target of 0"),
            (Of(scheme with { Action = SchemeAction.MigrateHot }), KernelOutcomeKind.Refused, "destination"),
            (Of(scheme with { Filters = [new SchemeFilter(SchemeFilterType.Cgroup, Matching: true, Allow: false) { CgroupPath = "/a\nb" }] }), KernelOutcomeKind.Refused, "control group"),
            (Plain with { Operations = KernelOperations.Paddr, Targets = [new KernelTarget(0), new KernelTarget(0)] }, KernelOutcomeKind.Refused, "2 targets"),
            (Plain with { Targets = [new KernelTarget(1) { Ranges = [new AddressRange(4096, 8192), new AddressRange(0, 4096)] }] }, KernelOutcomeKind.Refused, "not behind"),
            (Plain with { Targets = [new KernelTarget(1) { Ranges = [new AddressRange(4096, 4096)] }] }, KernelOutcomeKind.Refused, "no whole unit"),
            (Plain with { Limits = new RegionLimits(2, 10) }, KernelOutcomeKind.Refused, "2 to 10"),
            (Plain with { Limits = new RegionLimits(20, 10) }, KernelOutcomeKind.Refused, "20 to 10"),
            (Plain with { Intervals = MonitoringIntervals.Default with { Aggregation = TimeSpan.FromMilliseconds(1) } }, KernelOutcomeKind.Refused, "aggregation"),
            (Plain with { IntervalsGoal = new IntervalsGoal { MinSample = TimeSpan.FromSeconds(1) } }, KernelOutcomeKind.Refused, "goal"),
            (Plain with { AddressUnitBytes = 4096 }, KernelOutcomeKind.Unsupported, "virtual"),
        ];
        foreach (var (context, kind, part) in cases)
        {
            var outcome = KernelContextRenderer.Render(context, Kernels.New, []);
            outcome.Kind.Should().Be(kind, part);
            outcome.Message.Should().Contain(part);
        }
    }

    private static KernelContext Of(KernelScheme scheme) => Plain with { Schemes = [scheme] };

    /// <summary>Counts have a # in front.</summary>
    private static List<string> Lines(KernelContext context, KernelFeatures features)
    {
        var files = new List<KernelFile>();
        var outcome = KernelContextRenderer.Render(context, features, files);
        outcome.IsDone.Should().BeTrue(outcome.Message);
        return files.ConvertAll(file => $"{(file.Kind == KernelFileKind.Count ? "#" : "")}{file.Path}={file.Value}");
    }

    private static SchemeFilter Filter(string text) => new(
        text[^1] switch { 'a' => SchemeFilterType.Anonymous, 'y' => SchemeFilterType.Young, _ => SchemeFilterType.Target }, Matching: text[1] != '!', Allow: text[0] == '+');

    private static string Filters(List<string> lines)
    {
        var values = lines.Where(line => line.StartsWith("schemes/0/filters/", StringComparison.Ordinal)).Select(line => line["schemes/0/filters/".Length..]).ToDictionary(line => line[..line.IndexOf('=')], line => line[(line.IndexOf('=') + 1)..]);
        return string.Join(' ', Enumerable.Range(0, values.Keys.Count(key => key.EndsWith("/type", StringComparison.Ordinal))).Select(i =>
            (values.GetValueOrDefault($"{i}/allow") == "Y" ? "+" : "-") + (values[$"{i}/matching"] == "N" ? "!" : "") + values[$"{i}/type"][0]));
    }
}
