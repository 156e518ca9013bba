using System.Text.Json;
using Damon.Testing;

namespace Damon.Cli.Tests.Simulate;

public sealed class SimulateCommandTests : IDisposable
{
    private static readonly string[] Keys =
    [
        "workload", "seed", "durationSeconds", "memoryBytes", "hot", "cold", "matchedBytes", "advisedBytes", "appliedBytes", "averageAwayBytes", "falsePositiveBytes",
        "regions", "probesPerInterval", "sampleIntervals", "aggregations", "measuredAggregations", "workloadRegions", "schemes",
    ];

    private static readonly string[] SchemeKeys =
    [
        "name", "action", "mode", "state", "restReason", "matchedBytes", "matchedNowBytes", "filterPassedBytes", "advisedBytes", "appliedBytes", "awayBytes", "refaultBytes", "noEffectCalls", "failedCalls",
        "quotaExceededWindows", "groupQuotaExceededWindows", "effectiveQuotaBytes", "goalScore", "goalError", "leftOut", "heldBy", "lastFailure",
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("text")]
    [InlineData("json")]
    public async Task Equal_seeds_give_equal_bytes_and_another_seed_gives_others(string format)
    {
        var first = await Run("hotcold", "--seed", "7", "-o", format);
        first.ExitCode.Should().Be(ExitCode.Ok);
        (await Run("hotcold", "--seed", "7", "-o", format)).Should().Be(first);
        var other = await Run("hotcold", "--seed", "8", "-o", format);
        other.Out.Replace("\"seed\": 8", "\"seed\": 7", StringComparison.Ordinal).Replace("seed 8", "seed 7", StringComparison.Ordinal)
            .Should().NotBe(first.Out, "chance decides more than the seed's own line");
    }

    [Fact]
    public async Task Json_has_exactly_these_keys()
    {
        var json = await Json("hotcold");
        KeysOf(json).Should().Equal(Keys);
        KeysOf(json.GetProperty("hot")).Should().Equal("precision", "recall");
        KeysOf(json.GetProperty("cold")).Should().Equal("precision", "recall");
        KeysOf(json.GetProperty("regions")).Should().Equal("min", "max");
        KeysOf(json.GetProperty("probesPerInterval")).Should().Equal("max");
        json.GetProperty("workloadRegions").EnumerateArray().Should().OnlyContain(region => KeysOf(region).SequenceEqual(new[] { "name", "bytes", "trueAccessRate", "foundAccessRate" }));
        var scheme = json.GetProperty("schemes").EnumerateArray().Should().ContainSingle().Subject;
        KeysOf(scheme).Should().Equal(SchemeKeys);
        KeysOf(scheme.GetProperty("leftOut")).Should().Equal("NoSwap", "Shared", "Locked", "MixedMapping", "Filtered");
    }

    [Fact]
    public async Task Duration_is_counted_in_sample_intervals_of_virtual_time()
    {
        var json = await Json("hotcold", "--duration", "2s");
        json.GetProperty("durationSeconds").GetDouble().Should().Be(2);
        json.GetProperty("sampleIntervals").GetInt32().Should().Be(400, "an interval is 5 ms");
        json.GetProperty("aggregations").GetInt32().Should().Be(20, "an aggregation is 100 ms");
        json.GetProperty("seed").GetUInt64().Should().Be(1, "that is the default");
    }

    [Fact]
    public async Task Intervals_are_tuned_where_the_scheme_asks_for_it_and_virtual_time_follows()
    {
        var json = await Json("hotcold", "--duration", "20s", "--set", "monitoring.autoTune.accessRatio=100%", "--set", "monitoring.autoTune.maxSampleInterval=20ms");

        // 4000 of 5 ms without tuning, 1000 where all are as long as allowed.
        json.GetProperty("sampleIntervals").GetInt32().Should().BeInRange(1001, 3500);
        json.GetProperty("durationSeconds").GetDouble().Should().Be(20);
        json.GetProperty("measuredAggregations").GetInt32().Should().BeGreaterThan(10);
    }

    private static readonly string[] Migrating = ["--set", "action.type=MigrateCold", "--set", "action.destinations=[{node: 1}]", "--set", "pattern.age.min=5s", "--mode", "Enforce", "--set", "quota.size=8Mi"];

    [Theory]
    [InlineData("[{node: 1}]")]
    [InlineData("[{tier: Slow}]")]
    public async Task Moved_memory_is_measured_and_not_out_of_memory(string destinations)
    {
        var json = await Json("hotcold", [.. Migrating.Select(option => option.StartsWith("action.destinations=", StringComparison.Ordinal) ? $"action.destinations={destinations}" : option)]);
        var scheme = json.GetProperty("schemes")[0];
        scheme.GetProperty("appliedBytes").GetUInt64().Should().BeGreaterThan(0);
        scheme.GetProperty("awayBytes").GetUInt64().Should().BeGreaterThan(0).And.BeLessThanOrEqualTo(scheme.GetProperty("appliedBytes").GetUInt64());
        json.GetProperty("averageAwayBytes").GetUInt64().Should().Be(0, "it lies on another node");
    }

    [Theory]
    [InlineData("HugePage")]
    [InlineData("Reclaim")]
    public async Task What_cannot_be_enforced_is_named_before_anything_runs_and_can_be_observed(string action)
    {
        var refused = await Run("hotcold", "--set", $"action.type={action}", "--mode", "Enforce", "--set", "quota.size=8Mi");
        refused.ExitCode.Should().Be(ExitCode.Unsupported);
        refused.Error.Should().Contain($"spec.action.type: {action} ");

        var json = await Json("hotcold", "--set", $"action.type={action}", "--set", "pattern.age.min=5s", "--mode", "Observe");
        json.GetProperty("schemes")[0].GetProperty("advisedBytes").GetUInt64().Should().BeGreaterThan(0);
    }

    [Fact]
    public async Task A_plan_that_the_engine_cannot_carry_out_is_told_by_its_field()
    {
        var run = await CliRun.Of(
            "simulate", "-f", RepositoryFiles.ReclaimCold, "-w", RepositoryFiles.Pattern("hotcold"), "--set", "monitoring.sampleInterval=1us", "--set", "monitoring.aggregationInterval=2s");

        run.ExitCode.Should().Be(ExitCode.BadInput);
        run.ErrorLines.Should().ContainSingle().Which.Should().StartWith("intervals.aggregation: ");
    }

    [Fact]
    public async Task The_mode_on_the_command_line_takes_the_place_of_the_schemes_own()
    {
        string[] common = ["--set", "pattern.age.min=1s", "--duration", "30s"];
        var observed = (await Json("hotcold", [.. common, "--mode", "Observe"])).GetProperty("schemes")[0];
        var enforced = (await Json("hotcold", [.. common, "--mode", "enforce"])).GetProperty("schemes")[0];
        observed.GetProperty("mode").GetString().Should().Be("Observe");
        enforced.GetProperty("mode").GetString().Should().Be("Enforce");
        enforced.GetProperty("appliedBytes").GetUInt64().Should().BeGreaterThan(0);
    }

    [Fact]
    public async Task A_bad_pattern_is_told_with_file_and_line()
    {
        var pattern = _folder.Write("bad.yaml", "name: bad\nregions:\n- {name: a, size: lots}\nphases: []\n");
        var run = await CliRun.Of("simulate", "-f", RepositoryFiles.ReclaimCold, "-w", pattern);
        run.ExitCode.Should().Be(ExitCode.BadInput);
        run.Out.Should().BeEmpty();
        run.ErrorLines.Should().NotBeEmpty().And.OnlyContain(line => line.StartsWith(pattern + ":"));
        run.Error.Should().Contain("lots");
    }

    [Fact]
    public async Task Errors_of_schemes_and_of_the_pattern_are_told_together()
    {
        var run = await CliRun.Of("simulate", "-f", "/nowhere/scheme.yaml", "-w", "/nowhere/pattern.yaml");
        run.ExitCode.Should().Be(ExitCode.BadInput);
        run.ErrorLines.Should().Equal("/nowhere/scheme.yaml: there is no such file", "/nowhere/pattern.yaml: there is no such file");
    }

    [Theory]
    [InlineData("reclaim-cgroup", "spec.quota.goals[0].metric")]
    public async Task What_is_not_carried_out_is_refused_with_the_field_and_nothing_is_simulated(string sample, string field)
    {
        var run = await CliRun.Of("simulate", "-f", RepositoryFiles.PathOf($"deploy/samples/{sample}.yaml"), "-w", RepositoryFiles.Pattern("hotcold"));
        run.ExitCode.Should().Be(ExitCode.Unsupported);
        run.Out.Should().BeEmpty();
        run.ErrorLines.Should().ContainSingle().Which.Should().StartWith($"{sample}: UnsupportedField: {field}: ");
    }

    [Theory]
    [InlineData("Active", "")]
    [InlineData("Unmapped", "")]
    [InlineData("HugePageSize", ", min: 2Mi")]
    public async Task A_filter_on_what_a_simulated_page_does_not_have_is_refused_by_name(string type, string bounds)
    {
        var run = await Run("hotcold", "--set", $"filters=[{{type: Anonymous, matching: true, allow: false}}, {{type: {type}, matching: true, allow: false{bounds}}}]");
        run.ExitCode.Should().Be(ExitCode.Unsupported);
        run.Out.Should().BeEmpty();
        run.ErrorLines.Should().ContainSingle().Which.Should().StartWith($"reclaim-cold: UnsupportedField: spec.filters[1].type: {type} ");
    }

    [Theory]
    [InlineData("{metric: SomeMemoryPressure, target: 500us}", "spec.quota.goals[0].metric")]
    [InlineData("{metric: UserInput, target: 5}", "spec.quota.goals[0].metric")]
    [InlineData("{metric: ActiveMemory, target: \"50%\"}", "spec.quota.goals[0].metric")]
    [InlineData("{metric: NodeMemoryFree, target: \"5%\", node: 1}", "spec.quota.goals[0].node")]
    [InlineData("{metric: NodeCgroupUsed, target: \"5%\", node: 0}", "spec.quota.goals[0].metric")]
    [InlineData("{metric: NodeEligibleMemory, target: \"5%\", node: 0}", "spec.quota.goals[0].metric")]
    public async Task A_goal_that_cannot_be_simulated_is_refused_with_its_field(string goal, string field)
    {
        var run = await Run("hotcold", "--set", $"quota.goals=[{goal}]");
        run.ExitCode.Should().Be(ExitCode.Unsupported);
        run.Out.Should().BeEmpty();
        run.ErrorLines.Should().ContainSingle().Which.Should().Contain($"UnsupportedField: {field}: ");
    }

    [Theory]
    [InlineData("Observe")]
    [InlineData("Enforce")]
    public async Task Filtered_memory_is_left_alone(string mode)
    {
        var pattern = _folder.Write(
            "half.yaml",
            "name: half\nsimulation: {noise: {share: \"0%\"}}\nregions:\n- {name: heap, size: 64Mi}\n- {name: data, size: 64Mi, backing: File}\nphases:\n- {name: idle, duration: 1m, access: []}\n");
        var all = await Filtered();
        var files = await Filtered("{type: Anonymous, matching: true, allow: false}");
        var none = await Filtered("{type: Anonymous, matching: true, allow: false}, {type: Anonymous, matching: false, allow: false}");

        (all.GetProperty("appliedBytes").GetUInt64() >> 20, files.GetProperty("appliedBytes").GetUInt64() >> 20, none.GetProperty("appliedBytes").GetUInt64() >> 20).Should().Be((128, 64, 0));
        files.GetProperty("filterPassedBytes").GetUInt64().Should().BeGreaterThanOrEqualTo(64UL << 20);
        none.GetProperty("filterPassedBytes").GetUInt64().Should().Be(0);

        async Task<JsonElement> Filtered(string filters = "")
        {
            var run = await CliRun.Of(
                "simulate", "-f", RepositoryFiles.ReclaimCold, "-w", pattern, "-o", "json", "--duration", "30s", "--mode", mode,
                "--set", "pattern.age.min=1s", "--set", "quota.size=1Gi", "--set", $"filters=[{filters}]");
            run.ExitCode.Should().Be(ExitCode.Ok, run.Error);
            using var document = JsonDocument.Parse(run.Out);
            return document.RootElement.GetProperty("schemes")[0].Clone();
        }
    }

    [Theory]
    [InlineData("1Ti", "Resting")]
    [InlineData("1500Mi", "Active")]
    public async Task Watermarks_follow_a_machine_of_the_size_given(string machine, string state)
    {
        var scheme = (await Json("hotcold", "--machine", machine, "--duration", "15s", "--set", "pattern.age.min=1s", "--set", "pattern.accessRate.max=100%", "--set", "watermarks={metric: FreeMemory, interval: 1s, high: \"50%\", mid: \"40%\", low: \"5%\"}"))
            .GetProperty("schemes")[0];
        scheme.GetProperty("state").GetString().Should().Be(state);
        (scheme.GetProperty("restReason").GetString()!.Length > 0).Should().Be(state == "Resting");
        (scheme.GetProperty("matchedBytes").GetUInt64() > 0).Should().Be(state == "Active");
    }

    [Theory]
    [InlineData("Observe")]
    [InlineData("Enforce")]
    public async Task A_goal_of_free_memory_is_reached_and_ends_what_is_done_for_it(string mode)
    {
        // The pattern leaves nine tenths cold, and at 16 MiB a second a minute would take nearly all of it. The goal is overshot by what the controller needs to slow down:
        // in steps of 16 MiB towards 102 MiB that is the square root of 2 · 102 · 16, or 57 MiB.
        var json = await Json(
            "hotcold", "--set", "pattern.age.min=1s", "--set", "quota.size=16Mi", "--set", "target.all=true", "--set", "quota.goals=[{metric: NodeMemoryFree, target: \"10%\", node: 0}]", "--mode", mode, "--duration", "60s");
        var away = json.GetProperty("schemes")[0].GetProperty("awayBytes").GetDouble() / json.GetProperty("memoryBytes").GetDouble();
        away.Should().BeInRange(0.09, 0.17);
        json.GetProperty("schemes")[0].GetProperty("goalScore").GetInt32().Should().BeInRange(9000, 17_000);
    }

    [Fact]
    public async Task A_quota_per_pod_holds_beside_the_schemes_own()
    {
        var json = await Json("hotcold", "--set", "pattern.age.min=1s", "--set", "quota.size=1Gi", "--set", "quota.perPod.size=1Mi", "--duration", "30s");
        var scheme = json.GetProperty("schemes")[0];
        scheme.GetProperty("advisedBytes").GetUInt64().Should().BeInRange(1 << 20, 30 << 20);
        scheme.GetProperty("groupQuotaExceededWindows").GetInt32().Should().BePositive();
    }

    private static IEnumerable<string> KeysOf(JsonElement json) => json.EnumerateObject().Select(property => property.Name);

    private static async Task<JsonElement> Json(string pattern, params string[] arguments)
    {
        var run = await Run(pattern, [.. arguments, "-o", "json"]);
        run.ExitCode.Should().Be(ExitCode.Ok, run.Error);
        using var document = JsonDocument.Parse(run.Out);
        return document.RootElement.Clone();
    }

    private static Task<CliRun> Run(string pattern, params string[] arguments) =>
        CliRun.Of(["simulate", "-f", RepositoryFiles.ReclaimCold, "-w", RepositoryFiles.Pattern(pattern), .. arguments]);
}
