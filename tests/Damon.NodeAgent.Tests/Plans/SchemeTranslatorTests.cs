using Damon.Api.Schemes;
using Damon.Engine.Machine;
using Damon.Engine.Schemes;
using Damon.NodeAgent.Plans;
using SchemeMode = Damon.Api.Schemes.SchemeMode;

namespace Damon.NodeAgent.Tests.Plans;

public class SchemeTranslatorTests
{
    [Fact]
    public void Every_field_that_the_engine_carries_out_reaches_it()
    {
        var scheme = Read(
            """
              pattern: {size: {min: 8Ki, max: 1Gi}, accessRate: {min: "1%", max: "7%"}, age: {min: 1m30s, max: 1h}}
              action: {type: Pageout}
              applyInterval: 3s
              quota: {size: 64Mi, time: 10ms, interval: 2s, weights: {accessRate: "25%", age: "75%"}}
            """);

        var description = SchemeTranslator.Translate(scheme, SchemeMode.Enforce).Description!;

        description.Should().BeEquivalentTo(
            new SchemeDescription(
                "s",
                SchemeAction.Pageout,
                new AccessPattern
                {
                    MinSizeBytes = 8192,
                    MaxSizeBytes = 1 << 30,
                    MinRate = AccessRate.FromPercent(1),
                    MaxRate = AccessRate.FromPercent(7),
                    MinAge = TimeSpan.FromSeconds(90),
                    MaxAge = TimeSpan.FromHours(1),
                })
            {
                Mode = Damon.Engine.Schemes.SchemeMode.Enforce,
                ApplyInterval = TimeSpan.FromSeconds(3),
                Quota = new SchemeQuota
                {
                    SizeBytes = 64 << 20,
                    Time = TimeSpan.FromMilliseconds(10),
                    Interval = TimeSpan.FromSeconds(2),
                    AccessRateWeight = 2500,
                    AgeWeight = 7500,
                },
            });
    }

    [Fact]
    public void What_is_absent_is_open()
    {
        var description = SchemeTranslator.Translate(Read("  action: {type: Stat}"), SchemeMode.Observe).Description!;

        description.Pattern.Should().Be(new AccessPattern());
        description.Quota.IsLimited.Should().BeFalse();
        description.Filters.Should().BeEmpty();
        description.Watermarks.Should().BeNull();
    }

    [Theory]
    [InlineData("  action: {type: Pageout}\n  quota: {goals: [{metric: NodeEligibleMemory, target: \"5%\", node: 0}]}", "spec.quota.goals[0].metric")]
    [InlineData("  action: {type: Pageout}\n  quota: {goals: [{metric: UserInput, target: 5}, {metric: NodeCgroupUsed, target: \"5%\", node: 0}]}", "spec.quota.goals[1].metric")]
    [InlineData("  action: {type: Reclaim}\n  filters: [{type: Anonymous, matching: true, allow: false}]", "spec.filters")]
    [InlineData("  action: {type: MigrateHot, destinations: [{node: 1}, {node: 0}, {node: 1, weight: 5}]}", "spec.action.destinations[2].node")]
    public void A_field_that_is_not_carried_out_stops_the_whole_scheme_and_is_named(string fields, string named)
    {
        var translation = SchemeTranslator.Translate(Read(fields), SchemeMode.Observe);

        translation.Description.Should().BeNull();
        translation.Reason.Should().Be("UnsupportedField");
        translation.Message.Should().StartWith(named + ":");
    }

    [Fact]
    public void Filters_reach_the_engine_in_their_order()
    {
        var description = SchemeTranslator.Translate(
            Read(
                """
                  action: {type: Pageout}
                  filters:
                  - {type: Young, matching: true, allow: false}
                  - {type: Anonymous, matching: false, allow: true}
                  - {type: HugePageSize, matching: true, allow: false, min: 64Ki, max: 2Mi}
                  - {type: HugePageSize, matching: true, allow: false, min: 4Mi}
                  - {type: Active, matching: true, allow: true}
                  - {type: Unmapped, matching: true, allow: true}
                """),
            SchemeMode.Observe).Description!;

        description.Filters.Should().Equal(
            new SchemeFilter(SchemeFilterType.Young, true, false),
            new SchemeFilter(SchemeFilterType.Anonymous, false, true),
            new SchemeFilter(SchemeFilterType.HugePageSize, true, false) { MinSizeBytes = 64 << 10, MaxSizeBytes = 2 << 20 },
            new SchemeFilter(SchemeFilterType.HugePageSize, true, false) { MinSizeBytes = 4 << 20 },
            new SchemeFilter(SchemeFilterType.Active, true, true),
            new SchemeFilter(SchemeFilterType.Unmapped, true, true));
    }

    [Theory]
    [InlineData("FreeMemory", "50%", "40%", "5%", 500, 400, 50)]
    [InlineData("AvailableMemory", "100%", "0.25%", "0.01%", 1000, 3, 1)]
    public void Watermarks_are_rounded_up_to_thousandths(string metric, string high, string mid, string low, int highMark, int midMark, int lowMark)
    {
        var fields = $"  action: {{type: Pageout}}\n  watermarks: {{metric: {metric}, interval: 7s, high: \"{high}\", mid: \"{mid}\", low: \"{low}\"}}";

        SchemeTranslator.Translate(Read(fields), SchemeMode.Observe).Description!.Watermarks.Should().Be(new SchemeWatermarks
        {
            Metric = Enum.Parse<Damon.Engine.Schemes.WatermarkMetric>(metric),
            Interval = TimeSpan.FromSeconds(7),
            High = highMark,
            Mid = midMark,
            Low = lowMark,
        });
    }

    [Fact]
    public void Watermarks_without_a_metric_are_none() =>
        SchemeTranslator.Translate(Read("  action: {type: Pageout}\n  watermarks: {metric: None}"), SchemeMode.Observe).Description!.Watermarks.Should().BeNull();

    [Fact]
    public void Every_action_can_be_observed_and_what_cannot_be_enforced_is_named_before_anything_runs()
    {
        ActionType[] enforced = [ActionType.Stat, ActionType.Pageout, ActionType.Cold, ActionType.WillNeed, ActionType.Collapse, ActionType.MigrateHot, ActionType.MigrateCold];
        foreach (var type in Enum.GetValues<ActionType>())
        {
            IReadOnlyList<DestinationSpec> destinations = type is ActionType.MigrateHot or ActionType.MigrateCold ? [new DestinationSpec { Node = 1 }] : [];
            var scheme = Read("  action: {type: Stat}\n  quota: {size: 1Mi}");
            scheme = scheme with { Spec = scheme.Spec with { Action = new ActionSpec { Type = type, Destinations = destinations } } };

            SchemeTranslator.Translate(scheme, SchemeMode.Observe).Description!.Action.ToString().Should().Be(type.ToString());
            var translation = SchemeTranslator.Translate(scheme, SchemeMode.Enforce);
            (translation.Description is not null).Should().Be(enforced.Contains(type), $"{type}: {translation.Message}");
            translation.Message.Should().StartWith(enforced.Contains(type) ? "" : $"spec.action.type: {type} ");
        }
    }

    [Fact]
    public void Destinations_reach_the_engine_with_the_weight_of_one_where_none_is_given() =>
        SchemeTranslator.Translate(Read("  action: {type: MigrateCold, destinations: [{node: 1}, {node: 3, weight: 4}]}"), SchemeMode.Observe).Description!
            .Destinations.Should().Equal(new MigrationDestination(1), new MigrationDestination(3, 4));

    [Fact]
    public void Goals_and_budgets_per_pod_reach_the_engine()
    {
        var scheme = Read(
            """
              action: {type: Pageout}
              quota:
                tuner: Temporal
                perPod: {size: 4Mi}
                goals:
                - {metric: UserInput, target: 7}
                - {metric: SomeMemoryPressure, target: 500us}
                - {metric: NodeMemoryFree, target: "0.0001%", node: 3}
                - {metric: NodeCgroupUsed, target: "12.5%", node: 0}
            """);

        var quota = SchemeTranslator.Translate(scheme, SchemeMode.Observe, new TranslationContext { Cgroup = "/app" }).Description!.Quota;

        quota.Tuner.Should().Be(Damon.Engine.Schemes.QuotaTuner.Temporal);
        quota.PerGroupBytes.Should().Be(4 << 20);
        quota.Goals.Should().Equal(
            new QuotaGoal(Damon.Engine.Schemes.GoalMetric.UserInput, 7),
            new QuotaGoal(Damon.Engine.Schemes.GoalMetric.SomeMemoryPressure, 500),
            new QuotaGoal(Damon.Engine.Schemes.GoalMetric.NodeMemoryFree, 1) { Node = 3 },
            new QuotaGoal(Damon.Engine.Schemes.GoalMetric.NodeCgroupUsed, 1250) { Node = 0, Cgroup = "/app" });
    }

    [Fact]
    public void Every_metric_of_the_api_is_carried_out_or_refused_by_name()
    {
        foreach (var metric in Enum.GetValues<Damon.Api.Schemes.GoalMetric>())
        {
            var scheme = Read("  action: {type: Pageout}");
            var goal = new GoalSpec { Metric = metric, Target = new GoalTarget(1, null, null), Node = 0 };
            scheme = scheme with { Spec = scheme.Spec with { Quota = scheme.Spec.Quota with { Goals = [goal] } } };

            var translation = SchemeTranslator.Translate(scheme, SchemeMode.Observe, new TranslationContext { Cgroup = "/app" });

            (translation.Description?.Quota.Goals[0].Metric.ToString() ?? translation.Message).Should().Contain(metric.ToString());
        }
    }

    [Fact]
    public void A_scheme_that_expires_may_observe_and_not_enforce()
    {
        var scheme = Read("  action: {type: Pageout}\n  quota: {size: 1Mi}\n  expiresAfter: 24h");

        SchemeTranslator.Translate(scheme, SchemeMode.Observe).Description.Should().NotBeNull();
        SchemeTranslator.Translate(scheme, SchemeMode.Enforce).Message.Should().StartWith("spec.expiresAfter:");
    }

    [Theory]
    [InlineData("LruPrio")]
    [InlineData("LruDeprio")]
    [InlineData("Pageout")]
    public void What_only_the_kernel_can_do_is_translated_for_a_node(string action)
    {
        var scheme = ReadNode($"  action: {{type: {action}}}\n  quota: {{size: 1Mi}}");

        SchemeTranslator.TranslateForNode(scheme, SchemeMode.Enforce).Description!.Mode.Should().Be(Damon.Engine.Schemes.SchemeMode.Enforce);
        SchemeTranslator.Translate(scheme, SchemeMode.Enforce).Message.Should().StartWith("spec.target.kind");
    }

    [Fact]
    public void A_scheme_of_pods_is_none_of_a_node() =>
        SchemeTranslator.TranslateForNode(Read("  action: {type: Pageout}"), SchemeMode.Observe).Message.Should().StartWith("spec.target.kind");

    [Theory]
    [InlineData("podSelector: {}")]
    [InlineData("kind: Node")]
    public void The_nodes_of_a_tier_are_those_of_the_machine_and_a_page_on_any_of_them_stays(string target)
    {
        var scheme = Read("  action: {type: MigrateCold, destinations: [{tier: Slow}]}", target: target);
        var context = new TranslationContext { Tiers = MemoryTiers.Of([0, 1], [2, 5]) };

        var description = (target == "kind: Node" ? SchemeTranslator.TranslateForNode(scheme, SchemeMode.Observe, context) : SchemeTranslator.Translate(scheme, SchemeMode.Observe, context)).Description!;

        description.Destinations.Should().Equal(new MigrationDestination(2), new MigrationDestination(5));
        description.AnyDestinationWillDo.Should().BeTrue();
    }

    [Theory]
    [InlineData("podSelector: {}")]
    [InlineData("kind: Node")]
    public void A_tier_is_never_guessed(string target)
    {
        var scheme = Read("  action: {type: MigrateCold, destinations: [{node: 1}, {tier: Slow}]}", target: target);

        var translation = target == "kind: Node" ? SchemeTranslator.TranslateForNode(scheme, SchemeMode.Observe) : SchemeTranslator.Translate(scheme, SchemeMode.Observe);

        (translation.Description, translation.Reason).Should().Be((null, "MemoryTiersUnknown"));
        translation.Message.Should().StartWith("spec.action.destinations[1].tier: ");
    }

    [Fact]
    public void Reclaim_is_enforced_only_by_whoever_outlives_a_call_that_does_not_come_back()
    {
        var scheme = Read("  action: {type: Reclaim}\n  quota: {size: 1Mi}");

        SchemeTranslator.Translate(scheme, SchemeMode.Enforce).Message.Should().StartWith("spec.action.type: Reclaim ");
        SchemeTranslator.Translate(scheme, SchemeMode.Enforce, new TranslationContext { OutlivesStalls = true }).Description!.Mode.Should().Be(Damon.Engine.Schemes.SchemeMode.Enforce);
    }

    private static DamonScheme ReadNode(string fields) => Read(fields, target: "kind: Node");

    internal static DamonScheme Read(string fields, string name = "s", string target = "podSelector: {}")
    {
        var result = DamonSchemeReader.Read(
            "test.yaml",
            $"""
            apiVersion: damon.dev/v1alpha1
            kind: DamonScheme
            metadata: {"{"}name: {name}{"}"}
            spec:
              target: {"{"}{target}{"}"}
            {fields}
            """);
        result.Errors.Should().BeEmpty();
        return result.Schemes[0];
    }
}
