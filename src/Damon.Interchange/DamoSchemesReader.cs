using Damon.Api.Manifests;
using Damon.Api.Schemes;
using Damon.Api.Units;

namespace Damon.Interchange;

/// <summary>
/// Reads damo's descriptions of kdamonds (<c>damo args damon --format json|yaml</c>, what <c>damo start --kdamonds</c> takes) and its lists of schemes
/// (<c>--schemes</c>). Every scheme comes out in the mode Observe; what it cannot say in our words is in the notes.
/// </summary>
public static class DamoSchemesReader
{
    private const decimal Microsecond = 1_000;
    private const decimal Millisecond = 1_000_000;
    private const int MaxRegions = 100_000;
    private const int MinRegions = 3;
    private const int MaxFilters = 32;
    private const int MaxGoals = 4;
    private const int MaxDestinations = 16;
    private const int MaxNode = 1023;
    private const int MaxWeight = 1000;
    private const int MaxAggregations = 1000;

    /// <summary>Reads a file.</summary>
    /// <param name="file">The name shown in errors; see <see cref="ManifestReader"/> for what its ending decides.</param>
    /// <param name="utf8">The file, in JSON or YAML.</param>
    /// <returns>The schemes with notes, or the errors.</returns>
    public static DamoSchemesReadResult Read(string file, ReadOnlySpan<byte> utf8)
    {
        // A list in JSON begins with a bracket, which the reader takes for YAML where the name does not say: YAML reads it alike.
        var manifest = ManifestReader.Read(file, utf8);
        if (manifest.Errors.Count > 0)
        {
            return new([], [], manifest.Errors);
        }

        var reading = new DamoReading();
        var schemes = new List<DamonScheme>();
        if (manifest.Documents is not [var document])
        {
            reading.Errors.Add(new ManifestError(file, 0, 0, "", manifest.Documents.Count == 0 ? "the file is empty" : "the file has several documents"));
        }
        else if (document is ManifestSequence list)
        {
            reading.Notes.Add(new InterchangeNote("", "a list of schemes says nothing about monitoring: it is damo's default, of virtual addresses"));
            var context = new Context(TargetKind.Pods, new MonitoringSpec
            {
                SampleInterval = DurationValue.Parse("5ms"),
                AggregationInterval = DurationValue.Parse("100ms"),
                UpdateInterval = DurationValue.Parse("1s"),
                AutoTune = Still(DurationValue.Parse("5ms")),
            }, false);
            for (var i = 0; i < list.Items.Count; i++)
            {
                if (list.Items[i] is ManifestMapping item)
                {
                    Add(schemes, new DamoFields(item, $"[{i}]", reading), context);
                }
                else
                {
                    reading.Fail(list.Items[i], $"[{i}]", "is no object");
                }
            }
        }
        else if (document is ManifestMapping mapping && mapping.Find("kdamonds") is not null)
        {
            var fields = new DamoFields(mapping, "", reading);
            foreach (var kdamond in fields.Objects("kdamonds"))
            {
                ReadKdamond(kdamond, schemes);
            }

            fields.NoteUnknown();
        }
        else
        {
            reading.Fail(document, "", "has neither kdamonds nor a list of schemes");
        }

        if (reading.Errors.Count == 0)
        {
            Check(schemes, reading);
        }

        return reading.Errors.Count > 0 ? new([], [], reading.Errors) : new(schemes, reading.Notes, []);
    }

    /// <summary>What is right for damo may break a rule of ours: such a scheme is left out by its reader's own words.</summary>
    private static void Check(List<DamonScheme> schemes, DamoReading reading)
    {
        for (var i = schemes.Count - 1; i >= 0; i--)
        {
            var text = SchemeDocument.ToYaml([schemes[i]]);
            var result = DamonSchemeReader.Read("imported.yaml", text);
            if (result.Errors.Count > 0)
            {
                reading.Notes.Add(new InterchangeNote(schemes[i].Name, $"is left out: {string.Join("; ", result.Errors.Select(error => $"{error.FieldPath}: {error.Message}"))}"));
                schemes.RemoveAt(i);
            }
        }
    }

    private static void ReadKdamond(DamoFields kdamond, List<DamonScheme> schemes)
    {
        // What a kdamond was doing when it was looked at is no part of what is wanted.
        kdamond.PassOver("state", "pid");
        if (kdamond.Time("refresh_ms", Millisecond) is > 0)
        {
            kdamond.Note("refresh_ms", "is left out: statistics are always current here");
        }

        foreach (var context in kdamond.Objects("contexts"))
        {
            ReadContext(context, schemes);
        }

        kdamond.NoteUnknown();
    }

    private static void ReadContext(DamoFields fields, List<DamonScheme> schemes)
    {
        var ops = fields.Text("ops") ?? "vaddr";
        if (ops is not ("vaddr" or "fvaddr" or "paddr"))
        {
            fields.Reading.Fail(fields.Find("ops")!, fields.PathOf("ops"), $"{QuotedText.Of(ops)} is not known; vaddr, fvaddr and paddr are");
        }

        if (ops == "fvaddr")
        {
            fields.Note("ops", "becomes monitoring of whole address spaces: fixed ranges are left out");
        }

        if (fields.Bytes("addr_unit") is { } unit && unit != 1)
        {
            fields.Note("addr_unit", $"{unit} is left out: addresses are bytes here");
        }

        foreach (var target in fields.Objects("targets"))
        {
            ReadTarget(target, ops);
        }

        foreach (var (key, what) in (ReadOnlySpan<(string, string)>)[("probes", "probes of attributes"), ("ops_attrs", "attributes of the operations")])
        {
            if (fields.Find(key) is ManifestSequence { Items.Count: > 0 } or ManifestMapping)
            {
                fields.Note(key, $"is left out: there are no {what} here");
            }
        }

        if (fields.Object("sample_control") is { } control)
        {
            ReadSampleControl(control);
        }

        var context = new Context(ops == "paddr" ? TargetKind.Node : TargetKind.Pods, Monitoring(fields), fields.Bool("pause") ?? false);
        var read = 0;
        foreach (var scheme in fields.Objects("schemes"))
        {
            read++;
            Add(schemes, scheme, context);
        }

        if (read == 0)
        {
            fields.Note("schemes", "there are none: monitoring alone is a scheme with the action Stat, which was made");
            schemes.Add(SchemeOf(context, "stat", schemes.Count, new ActionSpec { Type = ActionType.Stat }));
        }

        fields.NoteUnknown();
    }

    private static void ReadTarget(DamoFields target, string ops)
    {
        if (target.Text("pid") is { } pid && ops != "paddr")
        {
            target.Note("pid", $"{pid} is left out: a scheme selects pods; give processes to damonctl run with --pid");
        }

        if (target.Items("regions").Count > 0)
        {
            target.Note("regions", "is left out: address ranges cannot be given in a scheme");
        }

        if (target.Bool("obsolete") == true)
        {
            target.Note("obsolete", "is left out");
        }

        target.NoteUnknown();
    }

    private static void ReadSampleControl(DamoFields control)
    {
        if (control.Object("primitives_enabled") is { } primitives)
        {
            // Both are read: one that nobody asks for would count as unknown.
            var (table, fault) = (primitives.Bool("page_table"), primitives.Bool("page_fault"));
            if (table == false || fault == true)
            {
                control.Note("primitives_enabled", "is left out: the backend decides how accesses are seen");
            }

            primitives.NoteUnknown();
        }

        if (control.Items("sample_filters").Count > 0)
        {
            control.Note("sample_filters", "is left out: every access counts here");
        }

        control.NoteUnknown();
    }

    private static MonitoringSpec Monitoring(DamoFields context)
    {
        var sample = DurationValue.Parse("5ms");
        var aggregation = DurationValue.Parse("100ms");
        var update = DurationValue.Parse("1s");
        AutoTuneSpec? tune = null;
        if (context.Object("intervals") is { } intervals)
        {
            sample = Interval(intervals, "sample_us", sample);
            aggregation = Interval(intervals, "aggr_us", aggregation);
            update = Interval(intervals, "ops_update_us", update);
            if (intervals.Object("intervals_goal") is { } goal)
            {
                tune = AutoTune(goal);
            }

            if (aggregation < sample)
            {
                intervals.Note("aggr_us", $"{aggregation} is shorter than the sampling interval and becomes {sample}");
                aggregation = sample;
            }

            if (update < aggregation)
            {
                intervals.Note("ops_update_us", $"{update} is shorter than the aggregation interval and becomes {aggregation}");
                update = aggregation;
            }

            intervals.NoteUnknown();
        }

        var (min, max) = (DamonSchemeDefaults.MinRegions, DamonSchemeDefaults.MaxRegions);
        if (context.Object("nr_regions") is { } regions)
        {
            min = Count(regions, "min", min);
            max = Count(regions, "max", max);
            if (max < min)
            {
                regions.Note("max", $"{max} is below min and becomes {min}");
                max = min;
            }

            regions.NoteUnknown();
        }

        return new MonitoringSpec
        {
            SampleInterval = sample,
            AggregationInterval = aggregation,
            UpdateInterval = update,
            Regions = new RegionCountSpec { Min = min, Max = max },
            AutoTune = tune ?? Still(sample),
        };
    }

    private static AutoTuneSpec Still(DurationValue sample) => new() { MinSampleInterval = sample, MaxSampleInterval = sample };

    /// <summary>The goal of the intervals; nothing where damo holds them still, which is said with equal bounds.</summary>
    private static AutoTuneSpec? AutoTune(DamoFields goal)
    {
        var ratio = goal.Share("access_bp", 10_000) ?? 0;
        var aggregations = goal.Number("aggrs") ?? 0;
        var min = goal.Time("min_sample_us", Microsecond) ?? 0;
        var max = goal.Time("max_sample_us", Microsecond) ?? 0;
        goal.NoteUnknown();
        if (aggregations <= 0)
        {
            return null;
        }

        if (ratio <= 0 || min <= 0 || max < min)
        {
            goal.Note("access_bp", "the goal cannot be met as it stands and is left out: the intervals stay as they are");
            return null;
        }

        return new AutoTuneSpec
        {
            AccessRatio = PercentOf(goal, "access_bp", Math.Min(1, ratio)),
            Aggregations = (int)Clip(goal, "aggrs", aggregations, 1, MaxAggregations),
            MinSampleInterval = Duration(goal, "min_sample_us", min),
            MaxSampleInterval = Duration(goal, "max_sample_us", max),
        };
    }

    private static void Add(List<DamonScheme> schemes, DamoFields fields, Context context)
    {
        var name = fields.Text("action") ?? "stat";
        if (DamoVocabulary.OursOf(DamoVocabulary.Actions, name) is not { } action)
        {
            fields.Reading.Fail(fields.Find("action") ?? fields.Node, fields.PathOf("action"), $"{QuotedText.Of(name)} is not known; {string.Join(", ", DamoVocabulary.Actions.Select(row => row.Damo))} are");
            return;
        }

        var scheme = SchemeOf(context, name, schemes.Count, new ActionSpec { Type = action, Destinations = Destinations(fields, action) });
        var apply = fields.Time("apply_interval_us", Microsecond) ?? 0;
        scheme = scheme with
        {
            Spec = scheme.Spec with
            {
                Pattern = fields.Object("access_pattern") is { } pattern ? Pattern(pattern, context.Monitoring) : null,
                ApplyInterval = apply > 0 ? Duration(fields, "apply_interval_us", apply) : null,
                Quota = fields.Object("quotas") is { } quotas ? Quota(quotas) : new QuotaSpec { Weights = NoWeights },
                Watermarks = fields.Object("watermarks") is { } watermarks ? Watermarks(watermarks) : null,
                Filters = Filters(fields),
            },
        };
        if (fields.Object("stats") is { } stats && stats.Number("max_nr_snapshots") is > 0 and var snapshots)
        {
            // The one figure among the statistics that is an input.
            stats.Note("max_nr_snapshots", $"{snapshots} is left out: the scheme does not end by itself; expiresAfter ends one at a time");
        }

        fields.PassOver("tried_regions", "tried_bytes");
        fields.NoteUnknown();
        schemes.Add(scheme);
    }

    private static QuotaWeightsSpec NoWeights => new() { AccessRate = Percent.FromMillionths(0), Age = Percent.FromMillionths(0) };

    private static DamonScheme SchemeOf(Context context, string action, int number, ActionSpec spec) => new()
    {
        Name = $"{action.Replace('_', '-')}-{number}",
        Spec = new DamonSchemeSpec
        {
            Mode = SchemeMode.Observe,
            Paused = context.Paused,
            Target = new TargetSpec { Kind = context.Kind, PodSelector = context.Kind == TargetKind.Pods ? new LabelSelector() : null },
            Monitoring = context.Monitoring,
            Action = spec,
        },
    };

    private static List<DestinationSpec> Destinations(DamoFields fields, ActionType action)
    {
        var destinations = new List<DestinationSpec>();
        foreach (var destination in fields.Objects("dests"))
        {
            var node = destination.Number("id") ?? 0;
            var weight = destination.Number("weight") ?? 0;
            destination.NoteUnknown();
            if (node is < 0 or > MaxNode || destinations.Count == MaxDestinations)
            {
                fields.Note("dests", $"node {node} is left out: there are at most {MaxDestinations} nodes, from 0 to {MaxNode}");
            }
            else
            {
                destinations.Add(new DestinationSpec { Node = (int)node, Weight = (int)Clip(destination, "weight", weight, 1, MaxWeight) });
            }
        }

        var target = fields.Number("target_nid");
        if (action is not (ActionType.MigrateHot or ActionType.MigrateCold))
        {
            if (destinations.Count > 0)
            {
                fields.Note("dests", "is left out: this action moves nothing");
            }

            return [];
        }

        if (target is >= 0 and <= MaxNode)
        {
            if (destinations.Count == 0)
            {
                destinations.Add(new DestinationSpec { Node = (int)target });
            }
            else
            {
                fields.Note("target_nid", "is left out: dests take its place");
            }
        }

        return destinations;
    }

    private static PatternSpec? Pattern(DamoFields fields, MonitoringSpec monitoring)
    {
        var pattern = new PatternSpec { Size = Size(fields), AccessRate = Rate(fields, monitoring), Age = Age(fields, monitoring) };
        fields.NoteUnknown();
        return pattern == new PatternSpec() ? null : pattern;
    }

    private static Bound<Quantity>? Size(DamoFields pattern)
    {
        if (pattern.Object("sz_bytes") is not { } fields)
        {
            return null;
        }

        var min = fields.Bytes("min") ?? 0;
        var max = fields.Bytes("max") ?? ulong.MaxValue;
        fields.NoteUnknown();
        return BoundOf<Quantity>(min == 0 ? null : QuantityOf(fields, "min", min), max == ulong.MaxValue ? null : QuantityOf(fields, "max", max));
    }

    private static Bound<Percent>? Rate(DamoFields pattern, MonitoringSpec monitoring)
    {
        if (pattern.Object("nr_accesses") is not { } fields)
        {
            return null;
        }

        var samples = Math.Max(1, monitoring.AggregationInterval!.Value.Microseconds / monitoring.SampleInterval!.Value.Microseconds);
        var min = RateOf(fields, "min", samples, roundUp: false);
        var max = RateOf(fields, "max", samples, roundUp: true);
        fields.NoteUnknown();
        return BoundOf(min is { Millionths: 0 } ? null : min, max);
    }

    /// <summary>
    /// A count of samples becomes a percentage of those in an aggregation. Minima are rounded down and maxima up to what a percentage can say, because the
    /// engine then rounds the other way: together the count is the same.
    /// </summary>
    private static Percent? RateOf(DamoFields fields, string key, long samples, bool roundUp)
    {
        var text = fields.Text(key);
        if (text?.TrimEnd().EndsWith("samples", StringComparison.Ordinal) == true)
        {
            if (!DamoQuantity.TryNumber(text.TrimEnd()[..^"samples".Length], out var count) || count < 0)
            {
                fields.Reading.Fail(fields.Find(key)!, fields.PathOf(key), $"{QuotedText.Of(text)} is not a number of samples");
                return null;
            }

            if (count >= DamoQuantity.Max)
            {
                return null;
            }

            var millionths = Math.Min(1, count / samples) * 1_000_000;
            var percent = Percent.FromMillionths((int)(roundUp ? decimal.Ceiling(millionths) : decimal.Floor(millionths)));
            fields.Note(key, $"{text} of {samples} become {percent}");
            return percent;
        }

        // As a maximum all samples are no bound.
        return fields.Share(key, 100) is not { } share || (share >= 1 && roundUp) ? null : PercentOf(fields, key, Math.Min(1, share));
    }

    private static Bound<DurationValue>? Age(DamoFields pattern, MonitoringSpec monitoring)
    {
        if (pattern.Object("age") is not { } fields)
        {
            return null;
        }

        var min = AgeOf(fields, "min", monitoring) ?? 0;
        var max = AgeOf(fields, "max", monitoring) ?? DamoQuantity.Max;
        fields.NoteUnknown();
        return BoundOf<DurationValue>(min == 0 ? null : Duration(fields, "min", min), max >= DamoQuantity.Max ? null : Duration(fields, "max", max));
    }

    private static decimal? AgeOf(DamoFields fields, string key, MonitoringSpec monitoring)
    {
        const string Unit = "aggr_intervals";
        var text = fields.Text(key);
        if (text?.TrimEnd().EndsWith(Unit, StringComparison.Ordinal) != true)
        {
            return fields.Time(key, Microsecond);
        }

        if (!DamoQuantity.TryNumber(text.TrimEnd()[..^Unit.Length], out var count) || count < 0)
        {
            fields.Reading.Fail(fields.Find(key)!, fields.PathOf(key), $"{QuotedText.Of(text)} is not a number of aggregation intervals");
            return null;
        }

        // The kernel keeps a count in 32 bits: what is above cannot be reached.
        if (count >= uint.MaxValue)
        {
            return DamoQuantity.Max;
        }

        var time = count * monitoring.AggregationInterval!.Value.Microseconds * Microsecond;
        fields.Note(key, $"{text} become {DamoQuantity.OfTime(time)}, whatever the intervals are tuned to");
        return time;
    }

    private static QuotaSpec Quota(DamoFields fields)
    {
        var time = fields.Time("time_ms", Millisecond) ?? 0;
        var size = fields.Bytes("sz_bytes") ?? 0;
        var reset = fields.Time("reset_interval_ms", Millisecond) ?? DamoQuantity.Max;
        var goals = Goals(fields);
        var isLimited = time > 0 || size > 0 || goals.Count > 0;
        DurationValue? interval = null;
        if (reset == 0 || reset > (decimal)DurationValue.Maximum.Microseconds * Microsecond)
        {
            if (isLimited)
            {
                interval = reset == 0 ? DamonSchemeDefaults.QuotaInterval : DurationValue.Maximum;
                fields.Note("reset_interval_ms", $"becomes {interval}: an interval is above zero and at most {DurationValue.Maximum}");
            }
        }
        else
        {
            interval = Duration(fields, "reset_interval_ms", reset);
        }

        if (fields.Number("fail_charge_denom") is { } denominator and not 0 && fields.Number("fail_charge_num") is var numerator && numerator != denominator)
        {
            fields.Note("fail_charge_num", $"{numerator}/{denominator} is left out: what could not be acted on is not charged here");
        }

        var tuner = fields.Text("goal_tuner") ?? "consist";
        if (tuner is not ("consist" or "temporal"))
        {
            fields.Reading.Fail(fields.Find("goal_tuner")!, fields.PathOf("goal_tuner"), $"{QuotedText.Of(tuner)} is not known; consist and temporal are");
        }

        var weights = fields.Object("weights") is { } given ? Weights(given) : NoWeights;
        fields.PassOver("effective_sz_bytes", "fail_charge_num", "fail_charge_denom");
        fields.NoteUnknown();
        return new QuotaSpec
        {
            Time = time > 0 && time < DamoQuantity.Max ? Duration(fields, "time_ms", time) : null,
            Size = size is > 0 and < ulong.MaxValue ? QuantityOf(fields, "sz_bytes", size) : null,
            Interval = interval ?? DamonSchemeDefaults.QuotaInterval,
            Weights = weights,
            Goals = goals,
            Tuner = tuner == "temporal" ? QuotaTuner.Temporal : QuotaTuner.Consistent,
        };
    }

    private static QuotaWeightsSpec Weights(DamoFields fields)
    {
        if (fields.Share("sz_permil", 1_000) is > 0)
        {
            fields.Note("sz_permil", "is left out: a region's size does not rank it");
        }

        var rate = fields.Share("nr_accesses_permil", 1_000) ?? 0;
        var age = fields.Share("age_permil", 1_000) ?? 0;
        fields.NoteUnknown();

        // Only their ratio counts: what is above the whole is brought down together.
        if (Math.Max(rate, age) is > 1 and var highest)
        {
            fields.Note("age_permil", "weights above 100 % are brought down in proportion");
            (rate, age) = (rate / highest, age / highest);
        }

        return new QuotaWeightsSpec { AccessRate = PercentOf(fields, "nr_accesses_permil", rate), Age = PercentOf(fields, "age_permil", age) };
    }

    private static List<GoalSpec> Goals(DamoFields quotas)
    {
        var goals = new List<GoalSpec>();
        foreach (var goal in quotas.Objects("goals"))
        {
            if (goals.Count == MaxGoals)
            {
                goal.Note("metric", $"is left out: a quota has at most {MaxGoals} goals");
                continue;
            }

            if (Goal(goal) is { } read)
            {
                goals.Add(read);
            }
        }

        return goals;
    }

    private static GoalSpec? Goal(DamoFields fields)
    {
        var name = fields.Text("metric") ?? "user_input";
        if (DamoVocabulary.OursOf(DamoVocabulary.Goals, name) is not { } metric)
        {
            fields.Reading.Fail(fields.Find("metric")!, fields.PathOf("metric"), $"{QuotedText.Of(name)} is not known; {string.Join(", ", DamoVocabulary.Goals.Select(row => row.Damo))} are");
            return null;
        }

        var node = fields.Number("nid");
        if (fields.Text("memcg_path") is { Length: > 0 } memcg)
        {
            fields.Note("memcg_path", $"{QuotedText.Of(memcg)} is left out: the goal is of each target's own control group");
        }

        if (fields.Number("current_value") is > 0 and var current && metric == GoalMetric.UserInput)
        {
            fields.Note("current_value", $"{current} is left out: what a goal is at is fed in while it runs");
        }

        GoalTarget? target = null;
        switch (metric)
        {
            case GoalMetric.UserInput:
                target = fields.Number("target_value") is >= 1 and <= long.MaxValue and var count ? new GoalTarget((long)count, null, null) : null;
                break;
            case GoalMetric.SomeMemoryPressure:
                target = fields.Time("target_value", Microsecond) is > 0 and var time ? new GoalTarget(null, Duration(fields, "target_value", time), null) : null;
                break;
            default:
                target = fields.Share("target_value", 10_000) is > 0 and var share ? new GoalTarget(null, null, PercentOf(fields, "target_value", Math.Min(1, share))) : null;
                break;
        }

        fields.NoteUnknown();
        if (target is null || target.Share is { Millionths: 0 } || (DamoVocabulary.NeedsNode(metric) && node is not (>= 0 and <= MaxNode)))
        {
            fields.Note("target_value", "the goal is left out: its target is not above zero, or its node is missing");
            return null;
        }

        return new GoalSpec { Metric = metric, Target = target, Node = DamoVocabulary.NeedsNode(metric) ? (int)node! : null };
    }

    private static WatermarkSpec? Watermarks(DamoFields fields)
    {
        var metric = fields.Text("metric") ?? "none";
        var interval = fields.Time("interval_us", Microsecond) ?? 0;
        var high = fields.Share("high_permil", 1_000) ?? 0;
        var mid = fields.Share("mid_permil", 1_000) ?? 0;
        var low = fields.Share("low_permil", 1_000) ?? 0;
        fields.NoteUnknown();
        switch (metric)
        {
            case "none":
                return null;
            case "free_mem_rate":
                break;
            default:
                fields.Reading.Fail(fields.Find("metric")!, fields.PathOf("metric"), $"{QuotedText.Of(metric)} is not known; none and free_mem_rate are");
                return null;
        }

        if (interval <= 0)
        {
            fields.Note("interval_us", "becomes 1us: an interval is above zero");
            interval = Microsecond;
        }

        return new WatermarkSpec
        {
            Metric = WatermarkMetric.FreeMemory,
            Interval = Duration(fields, "interval_us", interval),
            High = PercentOf(fields, "high_permil", Math.Min(1, high)),
            Mid = PercentOf(fields, "mid_permil", Math.Min(1, mid)),
            Low = PercentOf(fields, "low_permil", Math.Min(1, low)),
        };
    }

    private static List<FilterSpec> Filters(DamoFields scheme)
    {
        var filters = new List<FilterSpec>();
        foreach (var fields in scheme.Objects("filters"))
        {
            var name = fields.Text("filter_type") ?? "";
            var matching = fields.Bool("matching") ?? true;
            var allow = fields.Bool("allow") ?? fields.Bool("filter_pass") ?? false;
            fields.PassOver("filter_pass", "memcg_path", "address_range", "damon_target_idx", "probe_hits_wsum_range");
            var sizes = fields.Items("hugepage_size");
            fields.NoteUnknown();
            var type = DamoVocabulary.OursOf(DamoVocabulary.Filters, name);
            if (type is null && name is not ("memcg" or "addr" or "target" or "probe_hits_wsum"))
            {
                fields.Reading.Fail(fields.Find("filter_type") ?? fields.Node, fields.PathOf("filter_type"), $"{QuotedText.Of(name)} is not a filter");
                continue;
            }

            if (type is null || filters.Count == MaxFilters)
            {
                fields.Note("filter_type", $"the filter {name} is left out, and the scheme may mean more memory than it did: {WhyLeftOut(name, type)}");
                continue;
            }

            var filter = new FilterSpec { Type = type.Value, Matching = matching, Allow = allow };
            if (type == FilterType.HugePageSize)
            {
                var min = FolioSize(fields, sizes, 0) ?? 0;
                var max = FolioSize(fields, sizes, 1) ?? ulong.MaxValue;
                if (min == 0 && (max is 0 or ulong.MaxValue))
                {
                    fields.Note("hugepage_size", "has no bound and becomes: from 1 byte");
                    (min, max) = (1, ulong.MaxValue);
                }

                filter = filter with { Min = min == 0 ? null : QuantityOf(fields, "hugepage_size", min), Max = max == ulong.MaxValue ? null : QuantityOf(fields, "hugepage_size", max) };
            }

            filters.Add(filter);
        }

        return filters;
    }

    private static string WhyLeftOut(string name, FilterType? type) => (name, type) switch
    {
        ("probe_hits_wsum", _) => "there are no probes of attributes here",
        (_, null) => "control groups, addresses and targets are the agent's own matter",
        _ => $"there are at most {MaxFilters} filters",
    };

    private static ulong? FolioSize(DamoFields filter, IReadOnlyList<ManifestNode> sizes, int index)
    {
        if (index >= sizes.Count)
        {
            return null;
        }

        if (sizes[index] is ManifestScalar scalar && DamoQuantity.TryBytes(scalar.Text, out var bytes))
        {
            return bytes;
        }

        filter.Reading.Fail(sizes[index], $"{filter.PathOf("hugepage_size")}[{index}]", "is not a size such as \"2 MiB\"");
        return null;
    }

    private static Bound<T>? BoundOf<T>(T? min, T? max)
        where T : struct => min is null && max is null ? null : new Bound<T>(min, max);

    private static DurationValue Interval(DamoFields fields, string key, DurationValue otherwise) =>
        fields.Time(key, Microsecond) is { } time ? Duration(fields, key, time < Microsecond ? Microsecond : time) : otherwise;

    private static int Count(DamoFields fields, string key, int otherwise) => fields.Number(key) is { } number ? (int)Clip(fields, key, number, MinRegions, MaxRegions) : otherwise;

    private static decimal Clip(DamoFields fields, string key, decimal value, decimal min, decimal max)
    {
        var clipped = decimal.Floor(Math.Clamp(value, min, max));
        if (clipped != value)
        {
            fields.Note(key, $"{value} becomes {clipped}: it is a whole number from {min} to {max}");
        }

        return clipped;
    }

    private static Quantity QuantityOf(DamoFields fields, string key, ulong bytes)
    {
        if (bytes > long.MaxValue)
        {
            fields.Note(key, $"{bytes} bytes become {long.MaxValue}, the largest size");
        }

        return Quantity.FromBytes(Math.Min(bytes, long.MaxValue));
    }

    private static DurationValue Duration(DamoFields fields, string key, decimal nanoseconds)
    {
        var microseconds = Math.Min(decimal.Round(nanoseconds / Microsecond), DurationValue.Maximum.Microseconds);
        if (nanoseconds > 0 && microseconds == 0)
        {
            microseconds = 1;
        }

        var value = DurationValue.FromTimeSpan(TimeSpan.FromMicroseconds((long)microseconds));
        if (microseconds * Microsecond != nanoseconds)
        {
            fields.Note(key, $"{DamoQuantity.OfTime(decimal.Floor(nanoseconds))} become {value}: a duration is in whole microseconds and at most {DurationValue.Maximum}");
        }

        return value;
    }

    private static Percent PercentOf(DamoFields fields, string key, decimal share)
    {
        var millionths = decimal.Round(share * 1_000_000);
        var percent = Percent.FromMillionths((int)millionths);
        if (millionths != share * 1_000_000)
        {
            fields.Note(key, $"{DamoQuantity.OfShare(share)} become {percent}: a percentage has four decimals");
        }

        return percent;
    }

    private sealed record Context(TargetKind Kind, MonitoringSpec Monitoring, bool Paused);
}
