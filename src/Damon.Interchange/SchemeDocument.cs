using System.Text.Json.Nodes;
using Damon.Api.Schemes;
using Damon.Api.Units;

namespace Damon.Interchange;

/// <summary>Writes schemes as the documents that <see cref="DamonSchemeReader"/> reads; what is a default is left out.</summary>
public static class SchemeDocument
{
    /// <summary>Writes schemes as YAML, one document each.</summary>
    /// <param name="schemes">The schemes.</param>
    /// <returns>The text of a file.</returns>
    public static string ToYaml(IEnumerable<DamonScheme> schemes) => string.Join("---\n", schemes.Select(scheme => YamlText.Of(ToJson(scheme))));

    private static JsonObject ToJson(DamonScheme scheme)
    {
        var metadata = new JsonObject { ["name"] = scheme.Name };
        Put(metadata, "labels", Labels(scheme.Labels));
        return new JsonObject
        {
            ["apiVersion"] = DamonSchemeReader.ApiVersion,
            ["kind"] = DamonSchemeReader.Kind,
            ["metadata"] = metadata,
            ["spec"] = Spec(scheme.Spec),
        };
    }

    private static JsonObject Spec(DamonSchemeSpec spec)
    {
        var json = new JsonObject { ["mode"] = spec.Mode.ToString() };
        Put(json, "paused", spec.Paused ? JsonValue.Create(true) : null);
        Put(json, "priority", spec.Priority == DamonSchemeDefaults.Priority ? null : JsonValue.Create(spec.Priority));
        Put(json, "nodeSelector", spec.NodeSelector is { } selector ? Selector(selector) : null);
        json["target"] = Target(spec.Target);
        Put(json, "backend", spec.Backend == DamonSchemeDefaults.Backend ? null : Text(spec.Backend));
        Put(json, "monitoring", NullIfEmpty(Monitoring(spec.Monitoring)));
        Put(json, "pattern", spec.Pattern is { } pattern ? Pattern(pattern) : null);
        json["action"] = Action(spec.Action);
        Put(json, "applyInterval", Text(spec.ApplyInterval));
        Put(json, "quota", NullIfEmpty(Quota(spec.Quota)));
        Put(json, "watermarks", spec.Watermarks is { } watermarks ? Watermarks(watermarks) : null);
        Put(json, "filters", List(spec.Filters, Filter));
        Put(json, "rollout", NullIfEmpty(Rollout(spec.Rollout)));
        Put(json, "expiresAfter", Text(spec.ExpiresAfter));
        return json;
    }

    private static JsonObject Target(TargetSpec target)
    {
        var json = new JsonObject { ["kind"] = target.Kind.ToString() };
        Put(json, "namespaceSelector", target.NamespaceSelector is { } namespaces ? Selector(namespaces) : null);
        Put(json, "podSelector", target.PodSelector is { } pods ? Selector(pods) : null);
        Put(json, "qosClasses", target.QosClasses.SequenceEqual(DamonSchemeDefaults.QosClasses) ? null : List(target.QosClasses, c => Text(c)));
        Put(json, "containers", List(target.Containers, name => (JsonNode)name));
        Put(json, "all", target.All ? JsonValue.Create(true) : null);
        return json;
    }

    private static JsonObject Selector(LabelSelector selector)
    {
        var json = new JsonObject();
        Put(json, "matchLabels", Labels(selector.MatchLabels));
        Put(json, "matchExpressions", List(selector.MatchExpressions, expression =>
        {
            var item = new JsonObject { ["key"] = expression.Key, ["operator"] = expression.Operator.ToString() };
            Put(item, "values", List(expression.Values, value => (JsonNode)value));
            return item;
        }));
        return json;
    }

    private static JsonObject? Labels(IReadOnlyDictionary<string, string> labels)
    {
        var json = new JsonObject();
        foreach (var (name, value) in labels.OrderBy(label => label.Key, StringComparer.Ordinal))
        {
            json[name] = value;
        }

        return NullIfEmpty(json);
    }

    private static JsonObject Monitoring(MonitoringSpec monitoring)
    {
        var json = new JsonObject();
        Put(json, "sampleInterval", Text(monitoring.SampleInterval));
        Put(json, "aggregationInterval", Text(monitoring.AggregationInterval));
        Put(json, "updateInterval", UnlessDefault(monitoring.UpdateInterval, DamonSchemeDefaults.UpdateInterval));
        var regions = new JsonObject();
        Put(regions, "min", monitoring.Regions.Min == DamonSchemeDefaults.MinRegions ? null : JsonValue.Create(monitoring.Regions.Min));
        Put(regions, "max", monitoring.Regions.Max == DamonSchemeDefaults.MaxRegions ? null : JsonValue.Create(monitoring.Regions.Max));
        Put(json, "regions", NullIfEmpty(regions));
        Put(json, "autoTune", monitoring.AutoTune is { } tune ? AutoTune(tune) : null);
        return json;
    }

    /// <summary>Written even where it is empty: that it is there says that intervals are to be tuned.</summary>
    private static JsonObject AutoTune(AutoTuneSpec tune)
    {
        var json = new JsonObject();
        Put(json, "accessRatio", UnlessDefault(tune.AccessRatio, DamonSchemeDefaults.AutoTuneAccessRatio));
        Put(json, "aggregations", tune.Aggregations == DamonSchemeDefaults.AutoTuneAggregations ? null : JsonValue.Create(tune.Aggregations));
        Put(json, "minSampleInterval", UnlessDefault(tune.MinSampleInterval, DamonSchemeDefaults.AutoTuneMinSampleInterval));
        Put(json, "maxSampleInterval", UnlessDefault(tune.MaxSampleInterval, DamonSchemeDefaults.AutoTuneMaxSampleInterval));
        return json;
    }

    private static JsonObject Pattern(PatternSpec pattern)
    {
        var json = new JsonObject();
        Put(json, "size", pattern.Size is { } size ? BoundOf(Text(size.Min), Text(size.Max)) : null);
        Put(json, "accessRate", pattern.AccessRate is { } rate ? BoundOf(Text(rate.Min), Text(rate.Max)) : null);
        Put(json, "age", pattern.Age is { } age ? BoundOf(Text(age.Min), Text(age.Max)) : null);
        return json;
    }

    private static JsonObject BoundOf(JsonNode? min, JsonNode? max)
    {
        var json = new JsonObject();
        Put(json, "min", min);
        Put(json, "max", max);
        return json;
    }

    private static JsonObject Action(ActionSpec action)
    {
        var json = new JsonObject { ["type"] = action.Type.ToString() };
        Put(json, "destinations", List(action.Destinations, destination =>
        {
            var item = new JsonObject();
            Put(item, "node", destination.Node is { } node ? JsonValue.Create(node) : null);
            Put(item, "tier", destination.Tier is { } tier ? Text(tier) : null);
            Put(item, "weight", destination.Weight is { } weight ? JsonValue.Create(weight) : null);
            return item;
        }));
        return json;
    }

    private static JsonObject Quota(QuotaSpec quota)
    {
        var json = new JsonObject();
        Put(json, "time", Text(quota.Time));
        Put(json, "size", Text(quota.Size));
        Put(json, "interval", UnlessDefault(quota.Interval, DamonSchemeDefaults.QuotaInterval));
        var weights = new JsonObject();
        Put(weights, "accessRate", UnlessDefault(quota.Weights.AccessRate, DamonSchemeDefaults.AccessRateWeight));
        Put(weights, "age", UnlessDefault(quota.Weights.Age, DamonSchemeDefaults.AgeWeight));
        Put(json, "weights", NullIfEmpty(weights));
        Put(json, "goals", List(quota.Goals, goal =>
        {
            var item = new JsonObject { ["metric"] = goal.Metric.ToString() };
            item["target"] = goal.Target switch
            {
                { Count: { } count } => JsonValue.Create(count),
                { Duration: { } duration } => Text((DurationValue?)duration),
                _ => Text(goal.Target.Share),
            };
            Put(item, "node", goal.Node is { } node ? JsonValue.Create(node) : null);
            return item;
        }));
        Put(json, "tuner", quota.Tuner == DamonSchemeDefaults.Tuner ? null : Text(quota.Tuner));
        Put(json, "perPod", quota.PerPod is { } perPod ? new JsonObject { ["size"] = Text((Quantity?)perPod.Size) } : null);
        return json;
    }

    private static JsonObject Watermarks(WatermarkSpec watermarks)
    {
        var json = new JsonObject { ["metric"] = watermarks.Metric.ToString() };
        Put(json, "interval", Text(watermarks.Interval));
        Put(json, "high", Text(watermarks.High));
        Put(json, "mid", Text(watermarks.Mid));
        Put(json, "low", Text(watermarks.Low));
        return json;
    }

    private static JsonObject Filter(FilterSpec filter)
    {
        var json = new JsonObject { ["type"] = filter.Type.ToString(), ["matching"] = filter.Matching, ["allow"] = filter.Allow };
        Put(json, "min", Text(filter.Min));
        Put(json, "max", Text(filter.Max));
        return json;
    }

    private static JsonObject Rollout(RolloutSpec rollout)
    {
        var json = new JsonObject();
        var canary = new JsonObject();
        Put(canary, "percent", UnlessDefault(rollout.Canary.Percent, DamonSchemeDefaults.CanaryPercent));
        Put(canary, "soak", UnlessDefault(rollout.Canary.Soak, DamonSchemeDefaults.CanarySoak));
        Put(json, "canary", NullIfEmpty(canary));
        Put(json, "steps", rollout.Steps.SequenceEqual(DamonSchemeDefaults.RolloutSteps) ? null : List(rollout.Steps, step => Text((Percent?)step)!));
        Put(json, "maxConcurrentNodes", UnlessDefault(rollout.MaxConcurrentNodes, DamonSchemeDefaults.MaxConcurrentNodes));
        var halt = new JsonObject();
        Put(halt, "degraded", UnlessDefault(rollout.HaltOn.Degraded, DamonSchemeDefaults.HaltOnDegraded));
        Put(halt, "safetyTrips", UnlessDefault(rollout.HaltOn.SafetyTrips, DamonSchemeDefaults.HaltOnSafetyTrips));
        Put(json, "haltOn", NullIfEmpty(halt));
        Put(json, "onHalt", rollout.OnHalt == DamonSchemeDefaults.OnHalt ? null : Text(rollout.OnHalt));
        return json;
    }

    private static void Put(JsonObject json, string name, JsonNode? value)
    {
        if (value is not null)
        {
            json[name] = value;
        }
    }

    private static JsonObject? NullIfEmpty(JsonObject json) => json.Count == 0 ? null : json;

    private static JsonArray? List<T>(IReadOnlyList<T> items, Func<T, JsonNode> convert) => items.Count == 0 ? null : new JsonArray([.. items.Select(convert)]);

    private static JsonValue Text<T>(T value)
        where T : struct, Enum => JsonValue.Create(value.ToString());

    private static JsonValue? Text(DurationValue? value) => value is { } given ? JsonValue.Create(given.ToString()) : null;

    private static JsonValue? Text(Quantity? value) => value is { } given ? JsonValue.Create(given.ToString()) : null;

    private static JsonValue? Text(Percent? value) => value is { } given ? JsonValue.Create(given.ToString()) : null;

    private static JsonValue? UnlessDefault(DurationValue value, DurationValue otherwise) => value == otherwise ? null : Text((DurationValue?)value);

    private static JsonValue? UnlessDefault(Percent value, Percent otherwise) => value == otherwise ? null : Text((Percent?)value);
}
