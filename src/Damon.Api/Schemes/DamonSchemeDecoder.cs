using Damon.Api.Manifests;
using Damon.Api.Units;

namespace Damon.Api.Schemes;

/// <summary>
/// Decodes the fields of a scheme, each with its bound and its default. Rules over several fields are in <see cref="DamonSchemeRules"/>. A field in error takes
/// its default while the rest is read on: the scheme is thrown away at the end, its errors are not.
/// </summary>
internal static class DamonSchemeDecoder
{
    public const int MaxFilters = 32;
    public const int MaxDestinations = 16;
    public const int MaxGoals = 4;
    public const int MaxContainers = 16;
    public const int MaxSteps = 16;
    public const int MaxPriority = 1_000_000;
    public const int MaxRegionCount = 100_000;
    public const int MinRegionCount = 3;
    public const int MaxMemoryNode = 1023;
    public const int MaxWeight = 1000;
    public const int MaxAggregations = 1000;
    public const int MaxSelectorEntries = 16;
    public const int MaxLabels = 64;

    private const string Ends = "with a letter or digit at both ends";

    private static readonly string[] ServerFields =
    [
        "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "managedFields", "selfLink",
        "ownerReferences", "finalizers",
    ];

    public static DamonScheme? Scheme(ManifestFields fields, ManifestDecoder decoder)
    {
        var apiVersion = Constant(fields, "apiVersion", DamonSchemeReader.ApiVersion);
        var kind = Constant(fields, "kind", DamonSchemeReader.Kind);
        if (!apiVersion || !kind)
        {
            // Another kind of object has other fields: nothing can be said about them.
            fields.IgnoreRest();
            return null;
        }

        var metadata = fields.Require("metadata")?.Object(Metadata);
        var spec = fields.Require("spec")?.Object(Spec);
        fields.Refuse("status", "is written by the operator; leave it out");
        return metadata is null || spec is null || decoder.HasErrors ? null : new() { Name = metadata.Name, Labels = metadata.Labels, Spec = spec };
    }

    /// <summary>Whether a field has the one value that it may have.</summary>
    public static bool Constant(ManifestFields fields, string name, string expected)
    {
        var value = fields.Require(name);
        if (value?.Text() is not { } text)
            return false;
        if (text == expected)
            return true;
        value.Report($"{QuotedText.Of(text)} is not known here; write {expected}");
        return false;
    }

    private static SchemeMetadata Metadata(ManifestFields fields)
    {
        var nameValue = fields.Require("name");
        var name = nameValue?.Text();
        if (name is not null && !LabelSyntax.IsDnsSubdomain(name))
            nameValue!.Report($"{QuotedText.Of(name)} is not an object's name; write at most 253 lower-case letters, digits, hyphens and points, {Ends}");
        var labels = Labels(fields.Find("labels"), MaxLabels);
        foreach (var (_, value) in fields.Find("annotations")?.Entries(MaxLabels) ?? [])
            value.Text();
        fields.Refuse("namespace", $"does not go with a {DamonSchemeReader.Kind}, which belongs to the whole cluster; leave it out");
        foreach (var field in ServerFields)
            fields.Refuse(field, "is written by the API server; leave it out");
        return new(name ?? "", labels);
    }

    private static Dictionary<string, string> Labels(ManifestValue? value, int max)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, item) in value?.Entries(max) ?? [])
        {
            if (!LabelSyntax.IsKey(name))
                item.Report($"{QuotedText.Of(name)} is not a label's name; write one such as team or example.com/team");
            if (item.Text() is not { } text)
                continue;
            CheckLabelValue(item, text);
            labels[name] = text;
        }

        return labels;
    }

    private static void CheckLabelValue(ManifestValue value, string text)
    {
        if (!LabelSyntax.IsValue(text))
            value.Report($"{QuotedText.Of(text)} is not a label's value; write at most 63 letters, digits, hyphens, underscores and points, {Ends}");
    }

    /// <summary>The spec alone, as it also stands in a node's plan.</summary>
    public static DamonSchemeSpec Spec(ManifestFields fields)
    {
        var spec = new DamonSchemeSpec
        {
            Mode = fields.Find("mode")?.Choice<SchemeMode>() ?? DamonSchemeDefaults.Mode,
            Paused = fields.Find("paused")?.Bool() ?? false,
            Priority = fields.Find("priority")?.Integer(0, MaxPriority) ?? DamonSchemeDefaults.Priority,
            NodeSelector = fields.Find("nodeSelector")?.Object(Selector),
            Target = fields.Find("target")?.Object(Target) ?? new(),
            Backend = fields.Find("backend")?.Choice<BackendKind>() ?? DamonSchemeDefaults.Backend,
            Monitoring = fields.Find("monitoring")?.Object(Monitoring) ?? new(),
            Pattern = fields.Find("pattern")?.Object(Pattern),
            Action = fields.Require("action")?.Object(Action) ?? new() { Type = ActionType.Stat },
            ApplyInterval = fields.Find("applyInterval")?.Duration(),
            Quota = fields.Find("quota")?.Object(Quota) ?? new(),
            Watermarks = fields.Find("watermarks")?.Object(Watermarks),
            Filters = Each(fields.Find("filters")?.Items(MaxFilters), item => item.Object(Filter)),
            Safety = fields.Find("safety")?.Object(_ => new SafetySpec()) ?? new(),
            Rollout = fields.Find("rollout")?.Object(Rollout) ?? new(),
            ExpiresAfter = fields.Find("expiresAfter")?.Duration(),
        };
        DamonSchemeRules.Check(spec, fields);
        return spec;
    }

    private static LabelSelector Selector(ManifestFields fields) => new()
    {
        MatchLabels = Labels(fields.Find("matchLabels"), MaxSelectorEntries),
        MatchExpressions = Each(fields.Find("matchExpressions")?.Items(MaxSelectorEntries), item => item.Object(Expression)),
    };

    private static SelectorExpression? Expression(ManifestFields fields)
    {
        var keyValue = fields.Require("key");
        var key = keyValue?.Text();
        if (key is not null && !LabelSyntax.IsKey(key))
            keyValue!.Report($"{QuotedText.Of(key)} is not a label's name; write one such as team or example.com/team");
        var comparison = fields.Require("operator")?.Choice<SelectorOperator>();
        var values = new List<string>();
        foreach (var item in fields.Find("values")?.Items(MaxSelectorEntries) ?? [])
        {
            if (item.Text() is not { } text)
                continue;
            CheckLabelValue(item, text);
            values.Add(text);
        }

        if (comparison is SelectorOperator.In or SelectorOperator.NotIn && values.Count == 0 && fields.IsSound("values"))
            fields.Report($"the operator {comparison} needs at least one value", "values");
        if (comparison is SelectorOperator.Exists or SelectorOperator.DoesNotExist && values.Count > 0)
            fields.Report($"the operator {comparison} takes no values; leave them out", "values");
        return key is null || comparison is null ? null : new() { Key = key, Operator = comparison.Value, Values = values };
    }

    private static TargetSpec Target(ManifestFields fields) => new()
    {
        Kind = fields.Find("kind")?.Choice<TargetKind>() ?? DamonSchemeDefaults.TargetKind,
        NamespaceSelector = fields.Find("namespaceSelector")?.Object(Selector),
        PodSelector = fields.Find("podSelector")?.Object(Selector),
        QosClasses = QosClasses(fields.Find("qosClasses")),
        Containers = Containers(fields.Find("containers")),
        All = fields.Find("all")?.Bool() ?? false,
    };

    private static IReadOnlyList<QosClass> QosClasses(ManifestValue? value)
    {
        if (value?.Items(Enum.GetValues<QosClass>().Length, min: 1) is not { } items)
            return DamonSchemeDefaults.QosClasses;
        var classes = new List<QosClass>();
        foreach (var item in items)
        {
            if (item.Choice<QosClass>() is not { } one)
                continue;
            if (classes.Contains(one))
                item.Report($"{one} stands twice; leave one out");
            classes.Add(one);
        }

        return classes;
    }

    private static List<string> Containers(ManifestValue? value)
    {
        var names = new List<string>();
        foreach (var item in value?.Items(MaxContainers) ?? [])
        {
            if (item.Text() is not { } name)
                continue;
            if (!LabelSyntax.IsDnsLabel(name))
                item.Report($"{QuotedText.Of(name)} is not a container's name; write at most 63 lower-case letters, digits and hyphens, {Ends}");
            else if (names.Contains(name))
                item.Report($"{QuotedText.Of(name)} stands twice; leave one out");
            names.Add(name);
        }

        return names;
    }

    private static MonitoringSpec Monitoring(ManifestFields fields) => new()
    {
        SampleInterval = fields.Find("sampleInterval")?.Duration(),
        AggregationInterval = fields.Find("aggregationInterval")?.Duration(),
        UpdateInterval = fields.Find("updateInterval")?.Duration() ?? DamonSchemeDefaults.UpdateInterval,
        Regions = fields.Find("regions")?.Object(Regions) ?? new(),
        AutoTune = fields.Find("autoTune")?.Object(AutoTune),
    };

    private static RegionCountSpec Regions(ManifestFields fields)
    {
        var regions = new RegionCountSpec
        {
            Min = fields.Find("min")?.Integer(MinRegionCount, MaxRegionCount) ?? DamonSchemeDefaults.MinRegions,
            Max = fields.Find("max")?.Integer(MinRegionCount, MaxRegionCount) ?? DamonSchemeDefaults.MaxRegions,
        };
        Ordered(fields, "min", regions.Min, "max", regions.Max);
        return regions;
    }

    private static AutoTuneSpec AutoTune(ManifestFields fields)
    {
        var autoTune = new AutoTuneSpec
        {
            AccessRatio = fields.Find("accessRatio")?.Share(zeroAllowed: false) ?? DamonSchemeDefaults.AutoTuneAccessRatio,
            Aggregations = fields.Find("aggregations")?.Integer(1, MaxAggregations) ?? DamonSchemeDefaults.AutoTuneAggregations,
            MinSampleInterval = fields.Find("minSampleInterval")?.Duration() ?? DamonSchemeDefaults.AutoTuneMinSampleInterval,
            MaxSampleInterval = fields.Find("maxSampleInterval")?.Duration() ?? DamonSchemeDefaults.AutoTuneMaxSampleInterval,
        };
        Ordered(fields, "minSampleInterval", autoTune.MinSampleInterval, "maxSampleInterval", autoTune.MaxSampleInterval);
        return autoTune;
    }

    private static PatternSpec Pattern(ManifestFields fields) => new()
    {
        Size = fields.Find("size")?.Object(f => Bound(f, value => value.Size(min: Quantity.FromBytes(0)))),
        AccessRate = fields.Find("accessRate")?.Object(f => Bound(f, value => value.Share())),
        Age = fields.Find("age")?.Object(f => Bound(f, value => value.Duration(zeroAllowed: true))),
    };

    private static Bound<T> Bound<T>(ManifestFields fields, Func<ManifestValue, T?> decode)
        where T : struct, IComparable<T>
    {
        var min = fields.Find("min") is { } minValue ? decode(minValue) : null;
        var max = fields.Find("max") is { } maxValue ? decode(maxValue) : null;
        if (min is { } lower && max is { } upper)
            Ordered(fields, "min", lower, "max", upper);
        return new(min, max);
    }

    private static ActionSpec? Action(ManifestFields fields)
    {
        var type = fields.Require("type")?.Choice<ActionType>();
        var destinations = Each(fields.Find("destinations")?.Items(MaxDestinations), item => item.Object(Destination));
        return type is null ? null : new() { Type = type.Value, Destinations = destinations };
    }

    private static DestinationSpec Destination(ManifestFields fields)
    {
        var destination = new DestinationSpec
        {
            Node = fields.Find("node")?.Integer(0, MaxMemoryNode),
            Tier = fields.Find("tier")?.Choice<MemoryTier>(),
            Weight = fields.Find("weight")?.Integer(1, MaxWeight),
        };
        if (fields.Has("node") == fields.Has("tier"))
            fields.Report($"has {(fields.Has("node") ? "both a node and a tier" : "neither a node nor a tier")}; write exactly one of node and tier");
        return destination;
    }

    private static QuotaSpec Quota(ManifestFields fields) => new()
    {
        Time = fields.Find("time")?.Duration(),
        Size = fields.Find("size")?.Size(),
        Interval = fields.Find("interval")?.Duration() ?? DamonSchemeDefaults.QuotaInterval,
        Weights = fields.Find("weights")?.Object(Weights) ?? new(),
        Goals = Each(fields.Find("goals")?.Items(MaxGoals), item => item.Object(Goal)),
        Tuner = fields.Find("tuner")?.Choice<QuotaTuner>() ?? DamonSchemeDefaults.Tuner,
        PerPod = fields.Find("perPod")?.Object(f => new PodQuotaSpec { Size = f.Require("size")?.Size() ?? default }),
    };

    private static QuotaWeightsSpec Weights(ManifestFields fields) => new()
    {
        AccessRate = fields.Find("accessRate")?.Share() ?? DamonSchemeDefaults.AccessRateWeight,
        Age = fields.Find("age")?.Share() ?? DamonSchemeDefaults.AgeWeight,
    };

    private static GoalSpec? Goal(ManifestFields fields)
    {
        var metric = fields.Require("metric")?.Choice<GoalMetric>();
        var targetValue = fields.Require("target");
        var target = metric switch
        {
            null => null,
            GoalMetric.UserInput => new GoalTarget(targetValue?.LongInteger(1, long.MaxValue), null, null),
            GoalMetric.SomeMemoryPressure => new GoalTarget(null, targetValue?.Duration(), null),
            _ => new GoalTarget(null, null, targetValue?.Share(zeroAllowed: false)),
        };
        var node = fields.Find("node")?.Integer(0, MaxMemoryNode);
        var needsNode = metric is GoalMetric.NodeMemoryUsed or GoalMetric.NodeMemoryFree or GoalMetric.NodeCgroupUsed or GoalMetric.NodeCgroupFree
            or GoalMetric.NodeEligibleMemory;
        if (metric is not null && needsNode && !fields.Has("node"))
            fields.Report($"is missing; the metric {metric} is of one memory node, write its number", "node");
        if (metric is not null && !needsNode && fields.Has("node"))
            fields.Report($"does not go with the metric {metric}, which is not of one memory node; leave it out", "node");
        return metric is null || target is null ? null : new() { Metric = metric.Value, Target = target, Node = node };
    }

    private static WatermarkSpec? Watermarks(ManifestFields fields)
    {
        var metric = fields.Require("metric")?.Choice<WatermarkMetric>();
        ManifestValue? Field(string name) => metric is null or WatermarkMetric.None ? fields.Find(name) : fields.Require(name);
        var watermarks = new WatermarkSpec
        {
            Metric = metric ?? WatermarkMetric.None,
            Interval = Field("interval")?.Duration(),
            High = Field("high")?.Share(),
            Mid = Field("mid")?.Share(),
            Low = Field("low")?.Share(),
        };
        if (watermarks is { High: { } high, Mid: { } mid } && mid > high)
            fields.Report($"mid {mid} is above high {high}; write high ≥ mid ≥ low", "mid");
        if (watermarks is { Mid: { } middle, Low: { } low } && low > middle)
            fields.Report($"low {low} is above mid {middle}; write high ≥ mid ≥ low", "low");
        return watermarks;
    }

    private static FilterSpec? Filter(ManifestFields fields)
    {
        var type = fields.Require("type")?.Choice<FilterType>();
        var matching = fields.Require("matching")?.Bool();
        var allow = fields.Require("allow")?.Bool();
        var bound = Bound(fields, value => value.Size());
        if (type == FilterType.HugePageSize && !fields.Has("min") && !fields.Has("max"))
            fields.Report("the filter HugePageSize needs min, max or both");
        foreach (var name in (ReadOnlySpan<string>)["min", "max"])
        {
            if (type is not null and not FilterType.HugePageSize && fields.Has(name))
                fields.Report($"does not go with the filter {type}; leave it out", name);
        }

        return type is null ? null : new() { Type = type.Value, Matching = matching ?? false, Allow = allow ?? false, Min = bound.Min, Max = bound.Max };
    }

    private static RolloutSpec Rollout(ManifestFields fields) => new()
    {
        Canary = fields.Find("canary")?.Object(f => new CanarySpec
        {
            Percent = f.Find("percent")?.Share(zeroAllowed: false) ?? DamonSchemeDefaults.CanaryPercent,
            Soak = f.Find("soak")?.Duration(zeroAllowed: true) ?? DamonSchemeDefaults.CanarySoak,
        }) ?? new(),
        Steps = Steps(fields.Find("steps")),
        MaxConcurrentNodes = fields.Find("maxConcurrentNodes")?.Share(zeroAllowed: false) ?? DamonSchemeDefaults.MaxConcurrentNodes,
        HaltOn = fields.Find("haltOn")?.Object(f => new HaltOnSpec
        {
            Degraded = f.Find("degraded")?.Share(zeroAllowed: false) ?? DamonSchemeDefaults.HaltOnDegraded,
            SafetyTrips = f.Find("safetyTrips")?.Share(zeroAllowed: false) ?? DamonSchemeDefaults.HaltOnSafetyTrips,
        }) ?? new(),
        OnHalt = fields.Find("onHalt")?.Choice<HaltAction>() ?? DamonSchemeDefaults.OnHalt,
    };

    private static IReadOnlyList<Percent> Steps(ManifestValue? value)
    {
        if (value?.Items(MaxSteps, min: 1) is not { } items)
            return DamonSchemeDefaults.RolloutSteps;
        var steps = new List<Percent>();
        foreach (var item in items)
        {
            // A step in error breaks the row: what follows it cannot be judged.
            if (item.Share(zeroAllowed: false) is not { } step)
                return DamonSchemeDefaults.RolloutSteps;
            if (steps.Count > 0 && step <= steps[^1])
                item.Report($"the step {step} does not lie above the step {steps[^1]} before it; write ascending steps");
            steps.Add(step);
        }

        if (steps[^1].Millionths != 1_000_000)
            items[^1].Report($"the last step is {steps[^1]}; end at 100%");
        return steps;
    }

    private static void Ordered<T>(ManifestFields fields, string lowerName, T lower, string upperName, T upper)
        where T : IComparable<T>
    {
        if (lower.CompareTo(upper) <= 0 || !fields.IsSound(lowerName) || !fields.IsSound(upperName))
            return;
        var named = fields.Has(lowerName) ? lowerName : upperName;
        fields.Report($"{Shown(lowerName, lower)} is above {Shown(upperName, upper)}; write a {lowerName} of at most {upperName}", named);

        string Shown(string name, T value) => fields.Has(name) ? $"{name} {value}" : $"{name} {value} (the default)";
    }

    private static List<T> Each<T>(IReadOnlyList<ManifestValue>? items, Func<ManifestValue, T?> decode)
        where T : class =>
        [.. (items ?? []).Select(decode).OfType<T>()];

    private sealed record SchemeMetadata(string Name, IReadOnlyDictionary<string, string> Labels);
}
