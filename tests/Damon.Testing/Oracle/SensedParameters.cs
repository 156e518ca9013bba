using System.Globalization;

namespace Damon.Testing.Oracle;

/// <summary>
/// What the files hold while the agent carries a scheme out for processes: the kernel has a query in the scheme's place, which only counts. Budget, marks, page filters and the action itself are the
/// agent's.
/// </summary>
public static class SensedParameters
{
    private const string Context = "contexts/0/";
    private const string Goal = Context + "monitoring_attrs/intervals/intervals_goal/";
    private const string Scheme = Context + "schemes/0/";

    private const string Agents = "the agent's, which carries out what the kernel has only found";
    private const string EachAggregation = "a query can be answered at the end of each aggregation; how often a scheme is applied is the agent's";
    private const string Ledger = "memory that was acted on must not fall out of the report only because its region became younger, or of another size";
    private const string Owner = "the regions that are reported do not say whose they are: each process has a query of its own";
    private const string Told = "the agent tells the kernel where the process has memory, so that reserved address space costs no regions";
    private const string Still = "equal bounds are how the API says that the intervals stay as they are";

    /// <summary>Files of every query with their values, and why they are not the scheme's.</summary>
    public static IReadOnlyList<(string File, string Value, string Reason)> Fixed { get; } =
    [
        (Context + "operations", "fvaddr", Told),
        (Scheme + "action", "stat", Agents), (Scheme + "target_nid", "-1", Agents), (Scheme + "apply_interval_us", "0", EachAggregation),
        (Scheme + "quotas/ms", "0", Agents), (Scheme + "quotas/bytes", "0", Agents), (Scheme + "quotas/reset_interval_ms", "0", Agents),
        (Scheme + "quotas/weights/sz_permil", "0", Agents), (Scheme + "quotas/weights/nr_accesses_permil", "0", Agents), (Scheme + "quotas/weights/age_permil", "0", Agents),
        (Scheme + "quotas/goal_tuner", "consist", Agents), (Scheme + "quotas/goals/nr_goals", "0", Agents),
        (Scheme + "watermarks/metric", "none", Agents), (Scheme + "watermarks/interval_us", "0", Agents),
        (Scheme + "watermarks/high", "0", Agents), (Scheme + "watermarks/mid", "0", Agents), (Scheme + "watermarks/low", "0", Agents),
    ];

    /// <summary>Files of a query in the folder of its filters, which has one; what the scheme says about pages is asked by the agent.</summary>
    public static IReadOnlyList<(string File, string Value, string Reason)> Filter { get; } =
        [("nr_filters", "1", Owner), ("0/type", "target", Owner), ("0/damon_target_idx", "0", Owner), ("0/matching", "N", Owner), ("0/allow", "N", Owner)];

    /// <summary>Files of a query for a scheme that does more than count.</summary>
    public static IReadOnlyList<(string File, string Value, string Reason)> Widened { get; } =
    [
        (Scheme + "access_pattern/sz/min", "0", Ledger), (Scheme + "access_pattern/sz/max", "18446744073709551615", Ledger),
        (Scheme + "access_pattern/age/min", "0", Ledger), (Scheme + "access_pattern/age/max", "4294967295", Ledger),
    ];

    /// <summary>Files of a context whose intervals stay as they are.</summary>
    public static IReadOnlyList<(string File, string Value, string Reason)> Untuned { get; } =
        [(Goal + "access_bp", "400", Still), (Goal + "aggrs", "3", Still)];

    /// <summary>What damo's parameters become where the kernel senses one process.</summary>
    /// <param name="damos">damo's.</param>
    /// <param name="pid">The process.</param>
    /// <param name="ranges">Where it has memory, in the pieces that the kernel begins with.</param>
    /// <param name="quarterOfAge">The longest sample interval that leaves the shortest age of the scheme four aggregations, in microseconds; null where it has none.</param>
    /// <param name="isNew">Whether the kernel has filters in two folders and tunes intervals (both since 6.15).</param>
    public static IReadOnlyDictionary<string, string> Of(
        IReadOnlyDictionary<string, string> damos, int pid, IReadOnlyList<(ulong Start, ulong End)> ranges, ulong? quarterOfAge, bool isNew = true)
    {
        var sensed = damos.Where(file => !Has(file.Key, "targets/") && !Has(file.Key, "schemes/0/quotas/goals/") && !file.Key.Contains("filters/", StringComparison.Ordinal)).ToDictionary(StringComparer.Ordinal);
        Set(sensed, Fixed);
        Set(sensed, [.. Filter.Select(filter => ($"{Scheme}{(isNew ? "core_filters" : "filters")}/{filter.File}", filter.Value, filter.Reason))]);
        if (damos[Scheme + "action"] != "stat")
        {
            Set(sensed, Widened);
        }

        if (!isNew)
        {
            foreach (var file in sensed.Keys.Where(file => file.StartsWith(Goal, StringComparison.Ordinal)).ToList())
            {
                sensed.Remove(file);
            }
        }
        else if (damos[Goal + "aggrs"] == "0")
        {
            Set(sensed, Untuned);
            sensed[Goal + "min_sample_us"] = sensed[Goal + "max_sample_us"] = damos[Context + "monitoring_attrs/intervals/sample_us"];
        }
        else if (quarterOfAge is { } most && most < ulong.Parse(sensed[Goal + "max_sample_us"], CultureInfo.InvariantCulture))
        {
            sensed[Goal + "max_sample_us"] = Number(most);
        }

        sensed[Context + "targets/nr_targets"] = "1";
        sensed[Context + "targets/0/pid_target"] = Number((ulong)pid);
        Put(sensed, ranges);
        return sensed;
    }

    /// <summary>Gives the first target other ranges: addresses are a machine's.</summary>
    /// <param name="parameters">Changed.</param>
    /// <param name="ranges">Ascending.</param>
    public static void Put(IDictionary<string, string> parameters, IReadOnlyList<(ulong Start, ulong End)> ranges)
    {
        const string Regions = Context + "targets/0/regions/";
        foreach (var file in parameters.Keys.Where(file => file.StartsWith(Regions, StringComparison.Ordinal)).ToList())
        {
            parameters.Remove(file);
        }

        parameters[Regions + "nr_regions"] = Number((ulong)ranges.Count);
        for (var i = 0; i < ranges.Count; i++)
        {
            parameters[$"{Regions}{Number((ulong)i)}/start"] = Number(ranges[i].Start);
            parameters[$"{Regions}{Number((ulong)i)}/end"] = Number(ranges[i].End);
        }
    }

    private static bool Has(string file, string folder) => file.StartsWith(Context + folder, StringComparison.Ordinal);

    private static void Set(Dictionary<string, string> parameters, IReadOnlyList<(string File, string Value, string Reason)> values)
    {
        foreach (var (file, value, _) in values)
        {
            parameters[file] = value;
        }
    }

    private static string Number(ulong value) => value.ToString(CultureInfo.InvariantCulture);
}
