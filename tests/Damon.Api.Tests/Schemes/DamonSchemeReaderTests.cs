using Damon.Api.Schemes;
using Damon.Api.Units;
using Damon.Testing;

namespace Damon.Api.Tests.Schemes;

public class DamonSchemeReaderTests
{
    [Fact]
    public void Defaults_are_those_of_the_api_and_everything_else_is_absent()
    {
        var scheme = Read("minimal.yaml");
        scheme.Name.Should().Be("minimal");
        scheme.Labels.Should().BeEmpty();
        var spec = scheme.Spec;
        spec.Mode.Should().Be(SchemeMode.Observe);
        spec.Paused.Should().BeFalse();
        spec.Priority.Should().Be(100);
        spec.NodeSelector.Should().BeNull();
        spec.Target.Kind.Should().Be(TargetKind.Pods);
        spec.Target.NamespaceSelector.Should().BeNull();
        spec.Target.PodSelector!.IsEmpty.Should().BeTrue();
        spec.Target.QosClasses.Should().Equal(QosClass.BestEffort, QosClass.Burstable);
        spec.Target.Containers.Should().BeEmpty();
        spec.Target.All.Should().BeFalse();
        spec.Backend.Should().Be(BackendKind.Auto);
        spec.Monitoring.SampleInterval.Should().BeNull();
        spec.Monitoring.AggregationInterval.Should().BeNull();
        spec.Monitoring.UpdateInterval.ToString().Should().Be("60s");
        (spec.Monitoring.Regions.Min, spec.Monitoring.Regions.Max).Should().Be((10, 1000));
        spec.Monitoring.AutoTune.Should().BeNull();
        var autoTune = new AutoTuneSpec();
        autoTune.AccessRatio.ToString().Should().Be("4%");
        autoTune.Aggregations.Should().Be(3);
        autoTune.MinSampleInterval.ToString().Should().Be("5ms");
        autoTune.MaxSampleInterval.ToString().Should().Be("10s");
        spec.Pattern.Should().BeNull();
        spec.Action.Type.Should().Be(ActionType.Stat);
        spec.Action.Destinations.Should().BeEmpty();
        spec.ApplyInterval.Should().BeNull();
        spec.Quota.Time.Should().BeNull();
        spec.Quota.Size.Should().BeNull();
        spec.Quota.Interval.ToString().Should().Be("1s");
        spec.Quota.Weights.AccessRate.ToString().Should().Be("30%");
        spec.Quota.Weights.Age.ToString().Should().Be("70%");
        spec.Quota.Goals.Should().BeEmpty();
        spec.Quota.Tuner.Should().Be(QuotaTuner.Consistent);
        spec.Quota.PerPod.Should().BeNull();
        spec.Watermarks.Should().BeNull();
        spec.Filters.Should().BeEmpty();
        spec.Rollout.Canary.Percent.ToString().Should().Be("5%");
        spec.Rollout.Canary.Soak.ToString().Should().Be("10m");
        spec.Rollout.Steps.Select(step => step.ToString()).Should().Equal("25%", "100%");
        spec.Rollout.MaxConcurrentNodes.ToString().Should().Be("10%");
        spec.Rollout.HaltOn.Degraded.ToString().Should().Be("5%");
        spec.Rollout.HaltOn.SafetyTrips.ToString().Should().Be("5%");
        spec.Rollout.OnHalt.Should().Be(HaltAction.Pause);
        spec.ExpiresAfter.Should().BeNull();
    }

    [Fact]
    public void Every_field_of_a_full_scheme_arrives()
    {
        var scheme = Read("full.yaml");
        scheme.Name.Should().Be("reclaim-cold-batch");
        scheme.Labels.Should().Equal(new Dictionary<string, string> { ["team"] = "batch", ["example.com/owner"] = "" });
        var spec = scheme.Spec;
        spec.Mode.Should().Be(SchemeMode.Enforce);
        spec.Paused.Should().BeTrue();
        spec.Priority.Should().Be(200);
        spec.NodeSelector!.MatchLabels.Should().ContainKey("pool").WhoseValue.Should().Be("batch");
        spec.Target.NamespaceSelector!.MatchLabels.Should().ContainKey("team");
        spec.Target.PodSelector!.IsEmpty.Should().BeTrue();
        spec.Target.QosClasses.Should().Equal(QosClass.Guaranteed);
        spec.Target.Containers.Should().Equal("app", "side-car");
        spec.Backend.Should().Be(BackendKind.Kernel);
        spec.Monitoring.SampleInterval.ToString().Should().Be("10ms");
        spec.Monitoring.AggregationInterval.ToString().Should().Be("200ms");
        spec.Monitoring.UpdateInterval.ToString().Should().Be("30s");
        (spec.Monitoring.Regions.Min, spec.Monitoring.Regions.Max).Should().Be((20, 500));
        spec.Monitoring.AutoTune!.AccessRatio.Share.Should().Be(0.035);
        spec.Monitoring.AutoTune.Aggregations.Should().Be(5);
        spec.Monitoring.AutoTune.MinSampleInterval.ToString().Should().Be("10ms");
        spec.Monitoring.AutoTune.MaxSampleInterval.ToString().Should().Be("5s");
        spec.Pattern!.Size.Should().Be(new Bound<Quantity>(Quantity.Parse("4Ki"), Quantity.Parse("1Gi")));
        spec.Pattern.AccessRate.Should().Be(new Bound<Percent>(Percent.Parse("0%"), Percent.Parse("0.2%")));
        spec.Pattern.Age.Should().Be(new Bound<DurationValue>(DurationValue.Parse("0s"), DurationValue.Parse("90m")));
        spec.Action.Type.Should().Be(ActionType.MigrateCold);
        spec.Action.Destinations.Should().Equal(new DestinationSpec { Node = 1, Weight = 3 }, new DestinationSpec { Tier = MemoryTier.Slow });
        spec.ApplyInterval.ToString().Should().Be("1s");
        spec.Quota.Time.ToString().Should().Be("10ms");
        spec.Quota.Size.ToString().Should().Be("8Mi");
        spec.Quota.Interval.ToString().Should().Be("2s");
        (spec.Quota.Weights.AccessRate.ToString(), spec.Quota.Weights.Age.ToString()).Should().Be(("40%", "60%"));
        spec.Quota.Goals.Should().Equal(
            new GoalSpec { Metric = GoalMetric.SomeMemoryPressure, Target = new(null, DurationValue.Parse("500us"), null) },
            new GoalSpec { Metric = GoalMetric.NodeMemoryFree, Target = new(null, null, Percent.Parse("0.5%")), Node = 0 },
            new GoalSpec { Metric = GoalMetric.UserInput, Target = new(100, null, null) },
            new GoalSpec { Metric = GoalMetric.InactiveMemory, Target = new(null, null, Percent.Parse("30%")) });
        spec.Quota.Tuner.Should().Be(QuotaTuner.Temporal);
        spec.Quota.PerPod!.Size.ToString().Should().Be("4Mi");
        spec.Watermarks.Should().Be(new WatermarkSpec
        {
            Metric = WatermarkMetric.AvailableMemory,
            Interval = DurationValue.Parse("5s"),
            High = Percent.Parse("50%"),
            Mid = Percent.Parse("40%"),
            Low = Percent.Parse("5%"),
        });
        spec.Filters.Should().Equal(
            new FilterSpec { Type = FilterType.Anonymous, Matching = true, Allow = false },
            new FilterSpec { Type = FilterType.HugePageSize, Matching = false, Allow = true, Min = Quantity.Parse("2Mi"), Max = Quantity.Parse("1Gi") });
        spec.Rollout.Canary.Should().Be(new CanarySpec { Percent = Percent.Parse("2%"), Soak = DurationValue.Parse("0s") });
        spec.Rollout.Steps.Select(step => step.ToString()).Should().Equal("10%", "50%", "100%");
        spec.Rollout.MaxConcurrentNodes.ToString().Should().Be("20%");
        spec.Rollout.HaltOn.Should().Be(new HaltOnSpec { Degraded = Percent.Parse("1%"), SafetyTrips = Percent.Parse("2%") });
        spec.Rollout.OnHalt.Should().Be(HaltAction.Revert);
        spec.ExpiresAfter.ToString().Should().Be("24h");
    }

    [Theory]
    [InlineData(BackendKind.Kernel, "5ms", "100ms")]
    [InlineData(BackendKind.IdlePage, "500ms", "10s")]
    [InlineData(BackendKind.Referenced, "500ms", "10s")]
    public void Intervals_that_are_not_given_start_where_the_backend_does(BackendKind backend, string sample, string aggregation)
    {
        var spec = Read("minimal.yaml").Spec;
        var intervals = spec.Monitoring.Effective(backend);
        (intervals.Sample.ToString(), intervals.Aggregation.ToString(), intervals.Update.ToString()).Should().Be((sample, aggregation, "60s"));
        spec.EffectiveApplyInterval(backend).ToString().Should().Be(aggregation);
    }

    [Fact]
    public void Intervals_that_are_given_hold_for_every_backend() =>
        Read("intervals-for-auto.yaml").Spec.Monitoring.Effective(BackendKind.IdlePage).Should().Be(Read("intervals-for-auto.yaml").Spec.Monitoring.Effective(BackendKind.Kernel));

    [Fact]
    public void Auto_has_no_intervals_of_its_own() => FluentActions.Invoking(() => new MonitoringSpec().Effective(BackendKind.Auto)).Should().Throw<ArgumentOutOfRangeException>();

    [Fact]
    public void One_bad_document_leaves_nothing_of_the_file()
    {
        var good = RepositoryFiles.Text("tests/Damon.Api.Tests/Corpus/Good/minimal.yaml");
        var result = DamonSchemeReader.Read("f.yaml", $"{good}---\n{good.Replace("minimal", "other", StringComparison.Ordinal).Replace("Stat", "State", StringComparison.Ordinal)}");
        result.Schemes.Should().BeEmpty();
        result.Errors.Should().ContainSingle();
    }

    private static DamonScheme Read(string name)
    {
        var result = DamonSchemeReader.Read(name, RepositoryFiles.Bytes($"tests/Damon.Api.Tests/Corpus/Good/{name}").AsSpan());
        result.Errors.Should().BeEmpty();
        return result.Schemes.Should().ContainSingle().Subject;
    }
}
