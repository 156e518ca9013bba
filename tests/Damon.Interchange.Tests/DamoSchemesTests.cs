using System.Text;
using System.Text.Json;
using CsCheck;
using Damon.Api.Schemes;
using Damon.Api.Units;
using Damon.Testing;
using Damon.Testing.Oracle;

namespace Damon.Interchange.Tests;

public class DamoSchemesTests
{
    /// <summary>What both sides can say; what is not damo's is left at its default.</summary>
    private static readonly Gen<DamonScheme> Schemes =
        from kind in Gen.OneOf(TargetKind.Pods, TargetKind.Node)
        from action in Gen.OneOf([.. Enum.GetValues<ActionType>().Where(type => type != ActionType.Reclaim)])
        where IsPossible(action, kind)
        from sample in Duration(1, 1_000_000)
        from samples in Gen.Int[1, 100]
        from updates in Gen.Int[1, 100]
        from regions in Gen.Select(Gen.Int[3, 1000], Gen.Int[1000, 100_000])
        from tuned in Gen.Bool
        from tune in Gen.Select(Gen.Int[1, 1_000_000], Gen.Int[1, 1000], Duration(1, 1_000), Duration(2_000, 10_000_000))
        from paused in Gen.Bool
        from size in Bound(Gen.ULong[1, 1000].Select(Quantity.FromBytes), Gen.ULong[1000, long.MaxValue - 1].Select(Quantity.FromBytes))
        from rate in Bound(Gen.Int[1, 1000].Select(Percent.FromMillionths), Gen.Int[1000, 999_999].Select(Percent.FromMillionths))
        from age in Bound(Duration(1, 1000), Duration(1000, 1_000_000_000))
        from apply in Maybe(Duration(1, 1_000_000_000))
        from quota in Gen.Select(Maybe(Duration(1, 1_000_000)), Maybe(Gen.ULong[1, 1UL << 50].Select(Quantity.FromBytes)), Duration(1, 1_000_000_000), Gen.Int[0, 1_000_000], Gen.Int[0, 1_000_000])
        from goals in Goal.Array[0, 4]
        from tuner in Gen.OneOf(QuotaTuner.Consistent, QuotaTuner.Temporal)
        from watermarks in Gen.Select(Gen.Bool, Duration(1, 1_000_000), Gen.Int[0, 1_000_000].Array[3])
        from filters in Filter.Array[0, 5]
        from destinations in Gen.Select(Gen.Bool, Gen.Select(Gen.Int[0, 1023], Gen.Int[1, 1000]).Array[1, 5])
        select new DamonScheme
        {
            Name = $"{DamoVocabulary.DamoOf(DamoVocabulary.Actions, action)!.Replace('_', '-')}-0",
            Spec = new DamonSchemeSpec
            {
                Paused = paused,
                Target = new TargetSpec { Kind = kind, PodSelector = kind == TargetKind.Pods ? new LabelSelector() : null },
                Monitoring = new MonitoringSpec
                {
                    SampleInterval = sample,
                    AggregationInterval = Times(sample, samples),
                    UpdateInterval = Times(sample, samples * updates),
                    Regions = new RegionCountSpec { Min = regions.Item1, Max = regions.Item2 },
                    AutoTune = tuned
                        ? new AutoTuneSpec { AccessRatio = Percent.FromMillionths(tune.Item1), Aggregations = tune.Item2, MinSampleInterval = tune.Item3, MaxSampleInterval = tune.Item4 }
                        : new AutoTuneSpec { MinSampleInterval = sample, MaxSampleInterval = sample },
                },
                Pattern = size is null && rate is null && age is null ? null : new PatternSpec { Size = size, AccessRate = rate, Age = age },
                Action = new ActionSpec
                {
                    Type = action,
                    Destinations = action is not (ActionType.MigrateCold or ActionType.MigrateHot) ? []
                        : destinations.Item1 ? [new DestinationSpec { Node = destinations.Item2[0].Item1 }]
                        : [.. destinations.Item2.Select(d => new DestinationSpec { Node = d.Item1, Weight = d.Item2 })],
                },
                ApplyInterval = apply,
                Quota = new QuotaSpec
                {
                    Time = quota.Item1,
                    Size = quota.Item2,
                    Interval = quota.Item3,
                    Weights = new QuotaWeightsSpec { AccessRate = Percent.FromMillionths(quota.Item4), Age = Percent.FromMillionths(quota.Item5) },
                    Goals = goals,
                    Tuner = tuner,
                },
                Watermarks = watermarks.Item1 ? Watermark(watermarks.Item2, [.. watermarks.Item3.Order().Select(Percent.FromMillionths)]) : null,
                Filters = filters,
            },
        };

    private static Gen<GoalSpec> Goal =>
        from metric in Gen.Enum<GoalMetric>()
        from count in Gen.Long[1, 1L << 53]
        from duration in Duration(1, 1_000_000)
        from share in Gen.Int[1, 1_000_000]
        from node in Gen.Int[0, 1023]
        select new GoalSpec
        {
            Metric = metric,
            Node = DamoVocabulary.NeedsNode(metric) ? node : null,
            Target = metric switch
            {
                GoalMetric.UserInput => new GoalTarget(count, null, null),
                GoalMetric.SomeMemoryPressure => new GoalTarget(null, duration, null),
                _ => new GoalTarget(null, null, Percent.FromMillionths(share)),
            },
        };

    private static Gen<FilterSpec> Filter =>
        from type in Gen.Enum<FilterType>()
        from matching in Gen.Bool
        from allow in Gen.Bool
        from min in Maybe(Gen.ULong[1, 1000].Select(Quantity.FromBytes))
        from max in Gen.ULong[1000, 1UL << 40].Select(Quantity.FromBytes)
        from hasMax in Gen.Bool
        select new FilterSpec
        {
            Type = type,
            Matching = matching,
            Allow = allow,
            Min = type == FilterType.HugePageSize ? min : null,
            Max = type == FilterType.HugePageSize && (hasMax || min is null) ? max : null,
        };

    [Fact]
    public void A_scheme_goes_to_damo_and_comes_back_in_json_and_yaml() =>
        Schemes.Sample(
            scheme =>
            {
                foreach (var asYaml in new[] { false, true })
                {
                    var text = DamoSchemesWriter.Write([scheme], [], asYaml, out _);
                    var back = DamoSchemesReader.Read(asYaml ? "f.yaml" : "f.json", Encoding.UTF8.GetBytes(text));
                    back.Errors.Should().BeEmpty(text);
                    back.Notes.Should().BeEmpty(text);
                    SchemeDocument.ToYaml(back.Schemes).Should().Be(SchemeDocument.ToYaml([scheme]));
                }
            },
            iter: 1000);

    [Fact]
    public void A_scheme_is_written_as_its_reader_reads_it() =>
        Schemes.Sample(
            scheme =>
            {
                var text = SchemeDocument.ToYaml([scheme]);
                var back = DamonSchemeReader.Read("f.yaml", text);
                back.Errors.Should().BeEmpty(text);
                back.Schemes.Should().ContainSingle();
                SchemeDocument.ToYaml(back.Schemes).Should().Be(text);
                back.Schemes[0].Should().BeEquivalentTo(scheme);
            },
            iter: 500);

    [Fact]
    public void Every_sample_scheme_and_a_full_one_are_written_as_they_were_read()
    {
        foreach (var file in RepositoryFiles.Names("deploy/samples").Select(name => $"deploy/samples/{name}").Append("tests/Damon.Api.Tests/Corpus/Good/full.yaml"))
        {
            var schemes = DamonSchemeReader.Read(file, RepositoryFiles.Text(file)).Schemes;
            schemes.Should().NotBeEmpty();
            var back = DamonSchemeReader.Read("f.yaml", SchemeDocument.ToYaml(schemes));
            back.Errors.Should().BeEmpty(file);
            back.Schemes.Should().BeEquivalentTo(schemes, file);
        }
    }

    [Fact]
    public void What_damo_prints_is_read_field_by_field()
    {
        var result = Import("kdamonds.json");

        result.Errors.Should().BeEmpty();
        result.Notes.Should().ContainSingle().Which.Path.Should().Be("kdamonds[0].contexts[0].targets[0].pid");
        SchemeDocument.ToYaml(result.Schemes).Should().Be(
            """
            apiVersion: damon.dev/v1alpha1
            kind: DamonScheme
            metadata:
              name: pageout-0
            spec:
              mode: Observe
              target:
                kind: Pods
                podSelector: {}
              monitoring:
                sampleInterval: "5ms"
                aggregationInterval: "100ms"
                updateInterval: "1s"
                autoTune: {}
              pattern:
                size:
                  min: "4Ki"
                accessRate:
                  max: "0%"
                age:
                  min: "2m"
              action:
                type: Pageout
              applyInterval: "1s"
              quota:
                time: "10ms"
                size: "64Mi"
                goals:
                - metric: SomeMemoryPressure
                  target: "500us"
                - metric: NodeMemoryFree
                  target: "20%"
                  node: 1
                tuner: Temporal
              watermarks:
                metric: FreeMemory
                interval: "5s"
                high: "50%"
                mid: "40%"
                low: "5%"
              filters:
              - type: Anonymous
                matching: true
                allow: false
              - type: HugePageSize
                matching: false
                allow: true
                min: "2Mi"
                max: "1Gi"

            """);
    }

    [Fact]
    public void What_damo_printed_comes_back_to_it_with_the_same_meaning()
    {
        var first = Import("kdamonds.json").Schemes;
        using var theirs = JsonDocument.Parse(RepositoryFiles.Bytes("tests/Damon.Interchange.Tests/Samples/kdamonds.json"));
        using var ours = JsonDocument.Parse(DamoSchemesWriter.Write(first, [1234], asYaml: false, out _));

        Difference(theirs.RootElement, ours.RootElement, "").Should().Equal(
            "kdamonds[0].state", "kdamonds[0].pid", "kdamonds[0].contexts[0].schemes[0].stats");
    }

    [Fact]
    public void What_cannot_be_said_is_in_the_notes()
    {
        var result = Import("tiering.yaml");

        result.Errors.Should().BeEmpty();
        result.Schemes.Select(scheme => scheme.Name).Should().Equal("migrate-cold-0", "migrate-hot-1");
        result.Notes.Select(note => note.Path).Should().BeEquivalentTo(
            "kdamonds[0].contexts[0].targets[0].regions",
            "kdamonds[0].contexts[0].schemes[0].access_pattern.nr_accesses.min",
            "kdamonds[0].contexts[0].schemes[0].access_pattern.nr_accesses.max",
            "kdamonds[0].contexts[0].schemes[0].access_pattern.age.min",
            "kdamonds[0].contexts[0].schemes[0].filters[0].filter_type",
            "willneed-2");
        var cold = result.Schemes[0].Spec;
        cold.Target.Kind.Should().Be(TargetKind.Node);
        cold.Paused.Should().BeTrue();
        cold.Pattern!.AccessRate!.Max.Should().Be(Percent.Parse("5%"));
        cold.Pattern.Age!.Should().Be(new Bound<DurationValue>(DurationValue.Parse("30s"), null));
        cold.Filters.Should().ContainSingle().Which.Should().Be(new FilterSpec { Type = FilterType.Young, Matching = true, Allow = false });
        cold.Action.Destinations.Should().ContainSingle().Which.Should().Be(new DestinationSpec { Node = 1 });
        result.Schemes[1].Spec.Action.Destinations.Should().Equal(new DestinationSpec { Node = 0, Weight = 2 }, new DestinationSpec { Node = 2, Weight = 1 });
        result.Schemes[1].Spec.Pattern!.AccessRate!.Should().Be(new Bound<Percent>(Percent.Parse("5%"), null));
    }

    [Fact]
    public void Counts_of_samples_keep_their_meaning_in_the_engine() =>
        Gen.Select(Gen.Int[1, 1000], Gen.Int[0, 1000]).Sample((samples, count) =>
        {
            count %= samples + 1;
            var result = DamoSchemesReader.Read("f.json", Encoding.UTF8.GetBytes(
                $$$"""
                {"kdamonds": [{"contexts": [{"ops": "vaddr", "targets": [],
                  "intervals": {"sample_us": "1000", "aggr_us": "{{{samples * 1000}}}", "ops_update_us": "{{{samples * 1000}}}"},
                  "schemes": [{"access_pattern": {"sz_bytes": {"min": "min", "max": "max"}, "age": {"min": "min", "max": "max"},
                    "nr_accesses": {"min": "{{{count}}} samples", "max": "{{{count}}} samples"} } } ] } ] } ] }
                """));
            var rate = result.Schemes.Single().Spec.Pattern!.AccessRate!;
            var min = Engine.Schemes.AccessRate.FromPercent((rate.Min ?? default).Millionths / 10_000m);
            var max = Engine.Schemes.AccessRate.FromPercent(rate.Max!.Value.Millionths / 10_000m);
            return min.CeilingOf((uint)samples) == count && max.FloorOf((uint)samples) == count;
        });

    [Fact]
    public void What_damo_has_no_word_for_is_in_the_notes()
    {
        var schemes = DamonSchemeReader.Read("full.yaml", RepositoryFiles.Text("tests/Damon.Api.Tests/Corpus/Good/full.yaml")).Schemes;
        DamoSchemesWriter.Write(schemes, [], asYaml: false, out var notes);
        notes.Should().Contain(note => note.Message.Contains("metadata.name"));
        foreach (var scheme in schemes)
        {
            notes.Should().Contain(note => note.Path.StartsWith(scheme.Name));
        }

        var reclaim = DamonSchemeReader.Read("r.yaml", RepositoryFiles.Text("deploy/samples/reclaim-cgroup.yaml")).Schemes;
        var text = DamoSchemesWriter.Write(reclaim, [], asYaml: false, out notes);
        notes.Should().ContainSingle().Which.ToString().Should().Be("reclaim-cgroup: spec.action.type: damo has no Reclaim: the scheme is left out");
        text.Should().Contain("\"kdamonds\": []");

        DamoSchemesWriter.Write(DamonSchemeReader.Read("r.yaml", RepositoryFiles.Text("deploy/samples/reclaim-cold.yaml")).Schemes, [], asYaml: false, out notes);
        notes.Should().Contain(note => note.Path == "reclaim-cold: spec.mode" && note.Message.Contains("acts"));
    }

    [Fact]
    public void Schemes_that_are_monitored_alike_share_a_kdamond()
    {
        var one = Import("kdamonds.json").Schemes[0];
        var other = one with { Name = "other", Spec = one.Spec with { Action = new ActionSpec { Type = ActionType.Cold } } };
        var slower = one with { Name = "slower", Spec = one.Spec with { Monitoring = one.Spec.Monitoring with { UpdateInterval = DurationValue.Parse("7s") } } };

        using var json = JsonDocument.Parse(DamoSchemesWriter.Write([one, other, slower], [1], asYaml: false, out _));

        json.RootElement.GetProperty("kdamonds").EnumerateArray().Select(k => k.GetProperty("contexts")[0].GetProperty("schemes").GetArrayLength()).Should().Equal(2, 1);
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("5", "has neither kdamonds nor a list of schemes")]
    [InlineData("kdamonds: 5", "kdamonds: is no list")]
    [InlineData("kdamonds: [{contexts: [{ops: nope, targets: []}]}]", "\"nope\" is not known")]
    [InlineData("- {action: evaporate}", "\"evaporate\" is not known")]
    [InlineData("- {action: stat, apply_interval_us: soon}", "apply_interval_us: \"soon\" is not a time")]
    [InlineData("- {action: stat, quotas: {sz_bytes: many}}", "quotas.sz_bytes: \"many\" is not a size")]
    [InlineData("- {action: stat, filters: [{filter_type: hugepage_size, hugepage_size: [1, large]}]}", "hugepage_size[1]: is not a size")]
    [InlineData("- {action: stat, filters: [{filter_type: odd}]}", "\"odd\" is not a filter")]
    [InlineData("- {action: stat, watermarks: {metric: odd}}", "\"odd\" is not known")]
    [InlineData("- [1]", "is no object")]
    public void What_is_wrong_is_told_with_its_place_and_nothing_is_taken(string text, string error)
    {
        var result = DamoSchemesReader.Read("f.yaml", Encoding.UTF8.GetBytes(text));
        result.Schemes.Should().BeEmpty();
        result.Errors.Should().Contain(e => e.ToString().Contains(error)).And.OnlyContain(e => e.File == "f.yaml");
    }

    [Fact]
    public void Unknown_fields_are_in_the_notes()
    {
        var result = DamoSchemesReader.Read("f.yaml", "- {action: stat, brand_new: 5, quotas: {newer: {a: 1}}}"u8);
        result.Errors.Should().BeEmpty();
        result.Notes.Select(note => note.Path).Should().Contain(["[0].brand_new", "[0].quotas.newer"]);
    }

    [Fact]
    public void Changed_files_are_answered_with_schemes_or_errors()
    {
        var files = new[] { "kdamonds.json", "tiering.yaml" }.Select(name => (Name: name, Bytes: RepositoryFiles.Bytes($"tests/Damon.Interchange.Tests/Samples/{name}"))).ToArray();
        Gen.Select(Gen.Int[0, 1], Gen.Select(Gen.Int[0, 10_000], Gen.OneOf("-", "9", "99999999999999999999999999", "max", "[", "{", "}", "\"", "\n", " %", "null", ".", "e9")).Array[1, 4]).Sample(
            (which, changes) =>
            {
                var text = Encoding.UTF8.GetString(files[which].Bytes);
                foreach (var (at, fragment) in changes)
                {
                    text = text.Insert(at % text.Length, fragment);
                }

                var result = DamoSchemesReader.Read(files[which].Name, Encoding.UTF8.GetBytes(text));
                return result.Errors.Count == 0 || result.Schemes.Count == 0;
            },
            iter: 5000);
    }

    public static TheoryData<string> Answers => [.. OracleCase.All.Select(one => one.Name)];

    /// <summary>What damo itself says that a scheme means, in its newest version.</summary>
    [Theory]
    [MemberData(nameof(Answers))]
    public void What_damo_answers_for_a_scheme_is_read_as_that_scheme(string name)
    {
        var @case = OracleCase.All.Single(one => one.Name == name);
        var meant = DamonSchemeReader.Read($"{name}.yaml", @case.Scheme).Schemes.Single().Spec;

        var result = DamoSchemesReader.Read($"{name}.json", Encoding.UTF8.GetBytes(@case.Answer));

        result.Errors.Should().BeEmpty();
        result.Notes.Select(note => note.Path[(note.Path.LastIndexOf('.') + 1)..]).Should().BeSubsetOf(["pid", "regions", "filter_type"]);
        var read = result.Schemes.Single().Spec;
        (read.Action.Type, read.Target.Kind, read.ApplyInterval, read.Watermarks).Should().Be((meant.Action.Type, meant.Target.Kind, meant.ApplyInterval, meant.Watermarks));
        read.Action.Destinations.Select(destination => destination.Node).Should().Equal(meant.Action.Destinations.Select(destination => destination.Node));
        read.Monitoring.Effective(BackendKind.Kernel).Should().Be(meant.Monitoring.Effective(BackendKind.Kernel));
        (read.Monitoring.Regions, read.Monitoring.AutoTune).Should().Be((meant.Monitoring.Regions, meant.Monitoring.AutoTune));
        (read.Quota.Size, read.Quota.Time, read.Quota.Interval, read.Quota.Tuner).Should().Be((meant.Quota.Size, meant.Quota.Time, meant.Quota.Interval, meant.Quota.Tuner));
        read.Quota.Goals.Should().Equal(meant.Quota.Goals);
        if (meant.Quota.Size is not null || meant.Quota.Time is not null)
        {
            read.Quota.Weights.Should().Be(meant.Quota.Weights);
        }

        (read.Pattern?.Size, read.Pattern?.Age).Should().Be((meant.Pattern?.Size, meant.Pattern?.Age));

        // damo prints whole percentages only, and not always the right ones: what is lost there cannot be read.
        RatesOf(read.Pattern).Should().Be(name == "stat-rounded" ? (Percent.Parse("12%"), Percent.Parse("28%")) : RatesOf(meant.Pattern));

        // Filters on pages come back as they were; those of containers and addresses are the agent's, and so is the one against young pages in front of them.
        read.Filters.Where(filter => filter.Type != FilterType.Young).Should().Equal(meant.Filters.Where(filter => filter.Type != FilterType.Young));
    }

    /// <summary>damo turns its highest number into samples, of which the kernel keeps 32 bits: with 50 samples to an aggregation the scheme would mean memory that is never accessed.</summary>
    [Fact]
    public void An_open_access_rate_is_written_as_all_samples()
    {
        var scheme = DamonSchemeReader.Read("s.yaml", OracleCase.All.Single(one => one.Name == "lru-prio-hot").Scheme).Schemes.Single();
        scheme.Spec.Pattern!.AccessRate!.Max.Should().BeNull();

        var text = DamoSchemesWriter.Write([scheme], [], asYaml: false, out _);

        using var json = JsonDocument.Parse(text);
        json.RootElement.GetProperty("kdamonds")[0].GetProperty("contexts")[0].GetProperty("schemes")[0].GetProperty("access_pattern").GetProperty("nr_accesses").GetProperty("max").GetString()
            .Should().Be("100 %");
        DamoSchemesReader.Read("f.json", Encoding.UTF8.GetBytes(text)).Schemes.Single().Spec.Pattern!.AccessRate!.Max.Should().BeNull();
    }

    [Fact]
    public void What_the_newest_damo_has_more_of_is_in_the_notes()
    {
        var result = DamoSchemesReader.Read(
            "f.json",
            """
            {"kdamonds": [{"state": "on", "pid": "77", "refresh_ms": "5 s", "contexts": [{"ops": "paddr", "addr_unit": "4.000000 KiB", "targets": [{"pid": null, "obsolete": true, "regions": []}],
              "probes": [{"preps": [{"prep_action": "set_pgidle"}], "filters": [], "weight": "1"}], "pause": true,
              "sample_control": {"primitives_enabled": {"page_table": false, "page_fault": true}, "sample_filters": [{"filter_type": "write", "matching": true, "allow": true}]},
              "schemes": [{"action": "stat", "dests": [], "stats": {"nr_tried": "1", "max_nr_snapshots": "1,000"},
                "quotas": {"time_ms": "1 ms", "sz_bytes": "0 B", "reset_interval_ms": "1 s", "fail_charge_num": "1", "fail_charge_denom": "10", "goal_tuner": "temporal", "effective_sz_bytes": "0 B",
                  "goals": [{"metric": "user_input", "nid": null, "memcg_path": null, "target_value": "5", "current_value": "3"}], "weights": {"sz_permil": "1 %", "nr_accesses_permil": "0 %", "age_permil": "0 %"}},
                "filters": [{"filter_type": "probe_hits_wsum", "matching": true, "allow": true, "memcg_path": null, "address_range": null, "damon_target_idx": null, "hugepage_size": null, "probe_hits_wsum_range": ["1", "5"]}]}]}]}]}
            """u8);

        result.Errors.Should().BeEmpty();
        const string Context = "kdamonds[0].contexts[0]";
        result.Notes.Select(note => note.Path).Should().BeEquivalentTo(
            "kdamonds[0].refresh_ms", $"{Context}.addr_unit", $"{Context}.targets[0].obsolete", $"{Context}.probes",
            $"{Context}.sample_control.primitives_enabled", $"{Context}.sample_control.sample_filters",
            $"{Context}.schemes[0].stats.max_nr_snapshots", $"{Context}.schemes[0].quotas.fail_charge_num", $"{Context}.schemes[0].quotas.weights.sz_permil",
            $"{Context}.schemes[0].quotas.goals[0].current_value", $"{Context}.schemes[0].filters[0].filter_type");
        result.Schemes.Single().Spec.Paused.Should().BeTrue();
    }

    private static (Percent Min, Percent Max) RatesOf(PatternSpec? pattern) => (pattern?.AccessRate?.Min ?? default, pattern?.AccessRate?.Max ?? Percent.Parse("100%"));

    private static DamoSchemesReadResult Import(string sample) => DamoSchemesReader.Read(sample, RepositoryFiles.Bytes($"tests/Damon.Interchange.Tests/Samples/{sample}"));

    /// <summary>Paths at which two documents mean something different, or one has nothing. Quantities are compared by what they say.</summary>
    private static IEnumerable<string> Difference(JsonElement left, JsonElement right, string path)
    {
        if (left.ValueKind == JsonValueKind.Object && right.ValueKind == JsonValueKind.Object)
        {
            foreach (var name in left.EnumerateObject().Select(p => p.Name).Union(right.EnumerateObject().Select(p => p.Name)))
            {
                var inner = path.Length == 0 ? name : $"{path}.{name}";
                var has = left.TryGetProperty(name, out var l) & right.TryGetProperty(name, out var r);
                foreach (var difference in has ? Difference(l, r, inner) : [inner])
                {
                    yield return difference;
                }
            }
        }
        else if (left.ValueKind == JsonValueKind.Array && right.ValueKind == JsonValueKind.Array && left.GetArrayLength() == right.GetArrayLength())
        {
            for (var i = 0; i < left.GetArrayLength(); i++)
            {
                foreach (var difference in Difference(left[i], right[i], $"{path}[{i}]"))
                {
                    yield return difference;
                }
            }
        }
        else if (left.ToString() != right.ToString()
            && !(DamoQuantity.TryBytes(left.ToString(), out var a) && DamoQuantity.TryBytes(right.ToString(), out var b) && a == b)
            && !(DamoQuantity.TryTime(left.ToString(), 1, out var c) && DamoQuantity.TryTime(right.ToString(), 1, out var d) && c == d)
            && !(DamoQuantity.TryNumber(left.ToString(), out var e) && DamoQuantity.TryNumber(right.ToString(), out var f) && e == f))
        {
            yield return path;
        }
    }

    private static bool IsPossible(ActionType action, TargetKind kind) => action switch
    {
        ActionType.LruPrio or ActionType.LruDeprio => kind == TargetKind.Node,
        ActionType.HugePage or ActionType.NoHugePage or ActionType.WillNeed or ActionType.Collapse => kind == TargetKind.Pods,
        _ => true,
    };

    private static WatermarkSpec Watermark(DurationValue interval, Percent[] marks) =>
        new() { Metric = WatermarkMetric.FreeMemory, Interval = interval, Low = marks[0], Mid = marks[1], High = marks[2] };

    private static Gen<DurationValue> Duration(long min, long max) => Gen.Long[min, max].Select(microseconds => DurationValue.FromTimeSpan(TimeSpan.FromMicroseconds(microseconds)));

    private static DurationValue Times(DurationValue duration, long factor) => DurationValue.FromTimeSpan(duration.ToTimeSpan() * factor);

    private static Gen<T?> Maybe<T>(Gen<T> gen)
        where T : struct => Gen.Select(Gen.Bool, gen).Select((has, value) => has ? value : (T?)null);

    private static Gen<Bound<T>?> Bound<T>(Gen<T> low, Gen<T> high)
        where T : struct => Gen.Select(Maybe(low), Maybe(high)).Select((min, max) => min is null && max is null ? null : new Bound<T>(min, max));
}
