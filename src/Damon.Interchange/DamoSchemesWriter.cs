using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Damon.Api.Schemes;
using Damon.Api.Units;

namespace Damon.Interchange;

/// <summary>
/// Writes schemes as damo's description of kdamonds, which <c>damo start --kdamonds</c> takes. Schemes that are monitored alike share a kdamond. What damo has
/// no word for is in the notes.
/// </summary>
public static class DamoSchemesWriter
{
    private const decimal NanosecondsPerMicrosecond = 1_000;

    /// <summary>Writes schemes.</summary>
    /// <param name="schemes">The schemes.</param>
    /// <param name="pids">Processes to monitor; a scheme for pods has no other targets in damo.</param>
    /// <param name="asYaml">YAML, or JSON.</param>
    /// <param name="notes">What is not the same; each names the scheme and the field.</param>
    /// <returns>The text of a file.</returns>
    public static string Write(IReadOnlyList<DamonScheme> schemes, IReadOnlyList<int> pids, bool asYaml, out IReadOnlyList<InterchangeNote> notes)
    {
        var noted = new List<InterchangeNote>();
        var kdamonds = new JsonArray();
        var contexts = new List<(string Key, JsonArray Schemes)>();
        foreach (var scheme in schemes)
        {
            if (SchemeOf(scheme, noted) is not { } json)
            {
                continue;
            }

            var context = Context(scheme, pids);
            var key = context.ToJsonString();
            var known = contexts.Find(item => item.Key == key).Schemes;
            if (known is null)
            {
                known = [];
                context["schemes"] = known;
                contexts.Add((key, known));
                kdamonds.Add((JsonNode)new JsonObject { ["refresh_ms"] = 0, ["contexts"] = new JsonArray(context) });
            }

            known.Add((JsonNode)json);
            NoteLost(scheme, pids, noted);
        }

        notes = noted;
        var root = new JsonObject { ["kdamonds"] = kdamonds };
        return asYaml ? YamlText.Of(root) : ToJson(root);
    }

    private static string ToJson(JsonObject root)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, IndentSize = 4, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            root.WriteTo(writer);
        }

        return Encoding.UTF8.GetString(stream.GetBuffer().AsSpan(0, (int)stream.Length)) + "\n";
    }

    private static JsonObject Context(DamonScheme scheme, IReadOnlyList<int> pids)
    {
        var spec = scheme.Spec;
        var isNode = spec.Target.Kind == TargetKind.Node;
        var targets = new JsonArray();
        if (isNode)
        {
            targets.Add((JsonNode)TargetOf(null));
        }

        foreach (var pid in isNode ? [] : pids)
        {
            targets.Add((JsonNode)TargetOf(pid));
        }

        var (sample, aggregation, update) = spec.Monitoring.Effective(BackendKind.Kernel);
        var tune = spec.Monitoring.AutoTune ?? new AutoTuneSpec();

        // Equal bounds hold the intervals still; damo says that with no goal at all.
        var isTuned = tune.MinSampleInterval != tune.MaxSampleInterval;
        return new JsonObject
        {
            ["ops"] = isNode ? "paddr" : "vaddr",
            ["addr_unit"] = "1 B",
            ["targets"] = targets,
            ["intervals"] = new JsonObject
            {
                ["sample_us"] = Time(sample),
                ["aggr_us"] = Time(aggregation),
                ["ops_update_us"] = Time(update),
                ["intervals_goal"] = new JsonObject
                {
                    ["access_bp"] = isTuned ? Share(tune.AccessRatio) : "0 %",
                    ["aggrs"] = isTuned ? DamoQuantity.OfNumber((ulong)tune.Aggregations) : "0",
                    ["min_sample_us"] = isTuned ? Time(tune.MinSampleInterval) : "0 ns",
                    ["max_sample_us"] = isTuned ? Time(tune.MaxSampleInterval) : "0 ns",
                },
            },
            ["nr_regions"] = MinMax(DamoQuantity.OfNumber((ulong)spec.Monitoring.Regions.Min), DamoQuantity.OfNumber((ulong)spec.Monitoring.Regions.Max)),
            ["probes"] = new JsonArray(),
            ["sample_control"] = new JsonObject
            {
                ["primitives_enabled"] = new JsonObject { ["page_table"] = true, ["page_fault"] = false },
                ["sample_filters"] = new JsonArray(),
            },
            ["pause"] = spec.Paused,
        };
    }

    private static JsonObject TargetOf(int? pid) => new()
    {
        ["pid"] = pid is { } given ? JsonValue.Create(given) : null,
        ["obsolete"] = false,
        ["regions"] = new JsonArray(),
    };

    private static JsonObject? SchemeOf(DamonScheme scheme, List<InterchangeNote> notes)
    {
        var spec = scheme.Spec;
        if (DamoVocabulary.DamoOf(DamoVocabulary.Actions, spec.Action.Type) is not { } action)
        {
            notes.Add(new InterchangeNote($"{scheme.Name}: spec.action.type", $"damo has no {spec.Action.Type}: the scheme is left out"));
            return null;
        }

        var json = new JsonObject { ["action"] = action };
        var destinations = spec.Action.Destinations.Where(destination => destination.Node is not null).ToList();
        if (destinations.Count < spec.Action.Destinations.Count)
        {
            notes.Add(new InterchangeNote($"{scheme.Name}: spec.action.destinations", destinations.Count > 0
                ? "damo knows no tiers: those destinations are left out"
                : "damo knows no tiers, and there is no node to move to: the scheme is left out"));
            if (destinations.Count == 0)
            {
                return null;
            }
        }

        var isOnlyNode = destinations is [{ Weight: null }];
        var dests = new JsonArray();
        foreach (var destination in isOnlyNode ? [] : destinations)
        {
            dests.Add((JsonNode)new JsonObject { ["id"] = destination.Node!.Value, ["weight"] = destination.Weight ?? 1 });
        }

        json["dests"] = dests;
        if (spec.Action.Type is ActionType.MigrateHot or ActionType.MigrateCold)
        {
            json["target_nid"] = isOnlyNode ? JsonValue.Create(destinations[0].Node!.Value) : null;
        }

        var pattern = spec.Pattern ?? new PatternSpec();
        json["access_pattern"] = new JsonObject
        {
            ["sz_bytes"] = MinMax(DamoQuantity.OfBytes(pattern.Size?.Min?.Bytes ?? 0), DamoQuantity.OfBytes(pattern.Size?.Max?.Bytes ?? ulong.MaxValue)),
            // Never "max": damo scales its highest number of 64 bits by the samples, and the kernel keeps the lower 32 bits of that, which are all 0 for 50 samples.
            ["nr_accesses"] = MinMax(Share(pattern.AccessRate?.Min ?? default), Share(pattern.AccessRate?.Max ?? Percent.FromMillionths(1_000_000))),
            ["age"] = MinMax(Time(pattern.Age?.Min ?? default), pattern.Age?.Max is { } oldest ? Time(oldest) : "max"),
        };
        json["apply_interval_us"] = Time(spec.ApplyInterval ?? default);
        json["quotas"] = Quota(spec.Quota);
        json["watermarks"] = Watermarks(scheme, notes);
        var filters = new JsonArray();
        foreach (var filter in spec.Filters)
        {
            filters.Add((JsonNode)new JsonObject
            {
                ["filter_type"] = DamoVocabulary.DamoOf(DamoVocabulary.Filters, filter.Type),
                ["matching"] = filter.Matching,
                ["allow"] = filter.Allow,
                ["memcg_path"] = "",
                ["address_range"] = null,
                ["damon_target_idx"] = null,
                ["hugepage_size"] = filter.Type == FilterType.HugePageSize
                    ? new JsonArray(DamoQuantity.OfBytes(filter.Min?.Bytes ?? 0), DamoQuantity.OfBytes(filter.Max?.Bytes ?? ulong.MaxValue))
                    : null,
            });
        }

        json["filters"] = filters;
        return json;
    }

    private static JsonObject Quota(QuotaSpec quota)
    {
        var goals = new JsonArray();
        foreach (var goal in quota.Goals)
        {
            goals.Add((JsonNode)new JsonObject
            {
                ["metric"] = DamoVocabulary.DamoOf(DamoVocabulary.Goals, goal.Metric),
                ["nid"] = goal.Node is { } node ? DamoQuantity.OfNumber((ulong)node) : null,
                ["memcg_path"] = null,
                ["target_value"] = goal.Target switch
                {
                    { Count: { } count } => DamoQuantity.OfNumber((ulong)count),
                    { Duration: { } duration } => DamoQuantity.OfNumber((ulong)duration.Microseconds),

                    // Basis points; fractions of them as a plain number.
                    _ => (goal.Target.Share!.Value.Millionths / 100m).ToString("0.##", System.Globalization.CultureInfo.InvariantCulture),
                },
                ["current_value"] = "0",
            });
        }

        return new JsonObject
        {
            ["time_ms"] = Time(quota.Time ?? default),
            ["sz_bytes"] = DamoQuantity.OfBytes(quota.Size?.Bytes ?? 0),
            ["reset_interval_ms"] = Time(quota.Interval),
            ["fail_charge_num"] = "0",
            ["fail_charge_denom"] = "0",
            ["goals"] = goals,
            ["goal_tuner"] = quota.Tuner == QuotaTuner.Temporal ? "temporal" : "consist",
            ["effective_sz_bytes"] = "0 B",
            ["weights"] = new JsonObject
            {
                ["sz_permil"] = "0 %",
                ["nr_accesses_permil"] = Share(quota.Weights.AccessRate),
                ["age_permil"] = Share(quota.Weights.Age),
            },
        };
    }

    private static JsonObject Watermarks(DamonScheme scheme, List<InterchangeNote> notes)
    {
        var watermarks = scheme.Spec.Watermarks;
        var isKnown = watermarks?.Metric == WatermarkMetric.FreeMemory;
        if (watermarks?.Metric == WatermarkMetric.AvailableMemory)
        {
            notes.Add(new InterchangeNote($"{scheme.Name}: spec.watermarks", "damo's only metric is free memory: the watermarks are left out, and the action never rests"));
        }

        return new JsonObject
        {
            ["metric"] = isKnown ? "free_mem_rate" : "none",
            ["interval_us"] = Time(isKnown ? watermarks!.Interval!.Value : default),
            ["high_permil"] = Share(isKnown ? watermarks!.High!.Value : default),
            ["mid_permil"] = Share(isKnown ? watermarks!.Mid!.Value : default),
            ["low_permil"] = Share(isKnown ? watermarks!.Low!.Value : default),
        };
    }

    private static void NoteLost(DamonScheme scheme, IReadOnlyList<int> pids, List<InterchangeNote> notes)
    {
        var spec = scheme.Spec;
        if (spec.Mode == SchemeMode.Observe && spec.Action.Type != ActionType.Stat)
        {
            notes.Add(new InterchangeNote($"{scheme.Name}: spec.mode", "damo knows no Observe: started there, the scheme acts"));
        }

        if (spec.Target.Kind == TargetKind.Pods && pids.Count == 0)
        {
            notes.Add(new InterchangeNote($"{scheme.Name}: spec.target", "damo selects no pods: there are no targets until processes are named"));
        }

        var rollout = new RolloutSpec();
        (string Field, bool IsLost)[] fields =
        [
            ("metadata.name", true),
            ("metadata.labels", scheme.Labels.Count > 0),
            ("spec.priority", spec.Priority != DamonSchemeDefaults.Priority),
            ("spec.nodeSelector", spec.NodeSelector is not null),
            ("spec.target.namespaceSelector", spec.Target.NamespaceSelector is not null),
            ("spec.target.podSelector", spec.Target.PodSelector is { IsEmpty: false }),
            ("spec.target.qosClasses", !spec.Target.QosClasses.SequenceEqual(DamonSchemeDefaults.QosClasses)),
            ("spec.target.containers", spec.Target.Containers.Count > 0),
            ("spec.target.all", spec.Target.All),
            ("spec.backend", spec.Backend is not (BackendKind.Auto or BackendKind.Kernel)),
            ("spec.monitoring.autoTune", spec.Monitoring.AutoTune is { } tune && tune.MinSampleInterval == tune.MaxSampleInterval
                && (tune.MinSampleInterval != spec.Monitoring.Effective(BackendKind.Kernel).Sample
                    || tune.AccessRatio != DamonSchemeDefaults.AutoTuneAccessRatio || tune.Aggregations != DamonSchemeDefaults.AutoTuneAggregations)),
            ("spec.quota.perPod", spec.Quota.PerPod is not null),
            ("spec.rollout", spec.Rollout with { Steps = rollout.Steps } != rollout || !spec.Rollout.Steps.SequenceEqual(rollout.Steps)),
            ("spec.expiresAfter", spec.ExpiresAfter is not null),
        ];
        notes.Add(new InterchangeNote(scheme.Name, $"damo has no place for {string.Join(", ", fields.Where(field => field.IsLost).Select(field => field.Field))}"));
    }

    private static JsonObject MinMax(string min, string max) => new() { ["min"] = min, ["max"] = max };

    private static string Time(DurationValue value) => DamoQuantity.OfTime(value.Microseconds * NanosecondsPerMicrosecond);

    private static string Share(Percent value) => DamoQuantity.OfShare(value.Millionths / 1_000_000m);
}
