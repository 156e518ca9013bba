using System.Globalization;
using System.Text.Json;

namespace Damon.Testing.Oracle;

/// <summary>
/// Which files damo writes for an answer of its own, and what into them: by path below the kdamond's folder. Every field of the answer is accounted for; one that is not known here is an error.
/// </summary>
public static class DamoParameters
{
    private const double Microsecond = 1e3;
    private const double Millisecond = 1e6;

    /// <summary>Translates an answer about one kdamond with one context.</summary>
    /// <param name="json">What <c>damo args damon --format json</c> said.</param>
    /// <param name="hasFilterLayers">Whether the kernel has filters in two folders; else they stand in one.</param>
    public static IReadOnlyDictionary<string, string> Of(string json, bool hasFilterLayers = true)
    {
        using var document = JsonDocument.Parse(json);
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var answer = new DamoObject(document.RootElement, "");
        var kdamond = answer.Objects("kdamonds").Single();
        answer.Done();

        files["refresh_ms"] = DamoNumber.ToFile(DamoNumber.Time(kdamond.Text("refresh_ms") is "0" ? "0 ns" : kdamond.Text("refresh_ms")!, Millisecond));
        var contexts = kdamond.Objects("contexts");
        kdamond.Done();
        files["contexts/nr_contexts"] = Number(contexts.Count);
        Context(contexts.Single(), "contexts/0/", files, hasFilterLayers);
        return files;
    }

    private static void Context(DamoObject context, string path, SortedDictionary<string, string> files, bool hasFilterLayers)
    {
        files[$"{path}operations"] = context.Text("ops")!;
        files[$"{path}addr_unit"] = DamoNumber.ToFile(DamoNumber.Bytes(context.Text("addr_unit")!));
        files[$"{path}pause"] = YesNo(context.Bool("pause"));
        Each(context.Objects("targets"), $"{path}targets/", "nr_targets", files, Target);

        var intervals = context.Object("intervals")!;
        var aggregation = DamoNumber.Time(intervals.Text("aggr_us")!, Microsecond);
        var samples = aggregation / DamoNumber.Time(intervals.Text("sample_us")!, Microsecond);
        var attributes = $"{path}monitoring_attrs/";
        files[$"{attributes}intervals/sample_us"] = Time(intervals, "sample_us", Microsecond);
        files[$"{attributes}intervals/aggr_us"] = Time(intervals, "aggr_us", Microsecond);
        files[$"{attributes}intervals/update_us"] = Time(intervals, "ops_update_us", Microsecond);
        var goal = intervals.Object("intervals_goal")!;
        files[$"{attributes}intervals/intervals_goal/access_bp"] = Share(goal, "access_bp", 10_000);
        files[$"{attributes}intervals/intervals_goal/aggrs"] = Count(goal, "aggrs");
        files[$"{attributes}intervals/intervals_goal/min_sample_us"] = Time(goal, "min_sample_us", Microsecond);
        files[$"{attributes}intervals/intervals_goal/max_sample_us"] = Time(goal, "max_sample_us", Microsecond);
        goal.Done();
        intervals.Done();

        var regions = context.Object("nr_regions")!;
        files[$"{attributes}nr_regions/min"] = Count(regions, "min");
        files[$"{attributes}nr_regions/max"] = Count(regions, "max");
        regions.Done();

        context.Must("probes", "[]");
        files[$"{attributes}probes/nr_probes"] = "0";
        var control = context.Object("sample_control")!;
        control.Must("sample_filters", "[]");
        var primitives = control.Object("primitives_enabled")!;
        primitives.Must("page_table", "true");
        primitives.Must("page_fault", "false");
        primitives.Done();
        control.Done();

        Each(context.Objects("schemes"), $"{path}schemes/", "nr_schemes", files, (scheme, folder, _) => Scheme(scheme, folder, files, samples, aggregation, hasFilterLayers));
        context.Done();
    }

    private static void Target(DamoObject target, string path, SortedDictionary<string, string> files)
    {
        if (target.Text("pid") is { } pid)
        {
            files[$"{path}pid_target"] = pid;
        }

        files[$"{path}obsolete_target"] = YesNo(target.Bool("obsolete"));
        Each(target.Objects("regions"), $"{path}regions/", "nr_regions", files, (region, folder, _) =>
        {
            files[$"{folder}start"] = Count(region, "start");
            files[$"{folder}end"] = Count(region, "end");
            region.Done();
        });
        target.Done();
    }

    private static void Scheme(DamoObject scheme, string path, SortedDictionary<string, string> files, double samples, double aggregation, bool hasFilterLayers)
    {
        files[$"{path}action"] = scheme.Text("action")!;
        files[$"{path}apply_interval_us"] = Time(scheme, "apply_interval_us", Microsecond);
        if (scheme.Has("target_nid") && scheme.Text("target_nid") is { } node)
        {
            files[$"{path}target_nid"] = node;
        }

        Each(scheme.Objects("dests"), $"{path}dests/", "nr_dests", files, (destination, folder, _) =>
        {
            files[$"{folder}id"] = Count(destination, "id");
            files[$"{folder}weight"] = Count(destination, "weight");
            destination.Done();
        });
        Pattern(scheme.Object("access_pattern")!, $"{path}access_pattern/", files, samples, aggregation);
        Quotas(scheme.Object("quotas")!, $"{path}quotas/", files);

        var watermarks = scheme.Object("watermarks")!;
        files[$"{path}watermarks/metric"] = watermarks.Text("metric")!;
        files[$"{path}watermarks/interval_us"] = Time(watermarks, "interval_us", Microsecond);
        foreach (var mark in (string[])["high", "mid", "low"])
        {
            files[$"{path}watermarks/{mark}"] = Share(watermarks, $"{mark}_permil", 1_000);
        }

        watermarks.Done();
        var filters = scheme.Objects("filters").Select(filter => (filter, Type: filter.Text("filter_type")!)).ToList();
        foreach (var layer in filters.GroupBy(filter => !hasFilterLayers ? "filters/" : filter.Type is "addr" or "target" ? "core_filters/" : "ops_filters/"))
        {
            Each([.. layer.Select(filter => filter.filter)], path + layer.Key, "nr_filters", files, Filter);
        }

        scheme.Done();
    }

    /// <summary>damo has shares and times; the files have counts, for which it cuts off what is behind the point, of minima as of maxima.</summary>
    private static void Pattern(DamoObject pattern, string path, SortedDictionary<string, string> files, double samples, double aggregation)
    {
        Bounds(pattern, "sz_bytes", $"{path}sz/", files, DamoNumber.Bytes);
        Bounds(pattern, "nr_accesses", $"{path}nr_accesses/", files, text => Math.Truncate(DamoNumber.Share(text, 100) * samples / 100));
        Bounds(pattern, "age", $"{path}age/", files, text => Math.Truncate(DamoNumber.Time(text, Microsecond) / aggregation));
        pattern.Done();
    }

    private static void Bounds(DamoObject pattern, string key, string path, SortedDictionary<string, string> files, Func<string, double> valueOf)
    {
        var bounds = pattern.Object(key)!;
        files[$"{path}min"] = DamoNumber.ToFile(valueOf(bounds.Text("min")!));
        files[$"{path}max"] = DamoNumber.ToFile(valueOf(bounds.Text("max")!));
        bounds.Done();
    }

    private static void Quotas(DamoObject quotas, string path, SortedDictionary<string, string> files)
    {
        files[$"{path}ms"] = Time(quotas, "time_ms", Millisecond);
        files[$"{path}bytes"] = DamoNumber.ToFile(DamoNumber.Bytes(quotas.Text("sz_bytes")!));
        files[$"{path}reset_interval_ms"] = Time(quotas, "reset_interval_ms", Millisecond);
        files[$"{path}fail_charge_num"] = Count(quotas, "fail_charge_num");
        files[$"{path}fail_charge_denom"] = Count(quotas, "fail_charge_denom");
        files[$"{path}goal_tuner"] = quotas.Text("goal_tuner")!;

        // A reading; nothing has been measured.
        quotas.Must("effective_sz_bytes", "\"0 B\"");
        var weights = quotas.Object("weights")!;
        foreach (var weight in (string[])["sz_permil", "nr_accesses_permil", "age_permil"])
        {
            files[$"{path}weights/{weight}"] = Share(weights, weight, 1_000);
        }

        weights.Done();
        Each(quotas.Objects("goals"), $"{path}goals/", "nr_goals", files, Goal);
        quotas.Done();
    }

    private static void Goal(DamoObject goal, string path, SortedDictionary<string, string> files)
    {
        files[$"{path}target_metric"] = goal.Text("metric")!;

        // In the unit of the file, whatever the metric: unlike elsewhere damo prints it as a plain number.
        files[$"{path}target_value"] = Count(goal, "target_value");
        files[$"{path}current_value"] = Count(goal, "current_value");
        if (goal.Text("nid") is { } node)
        {
            files[$"{path}nid"] = node;
        }

        if (goal.Text("memcg_path") is { Length: > 0 } cgroup)
        {
            files[$"{path}path"] = cgroup;
        }

        goal.Done();
    }

    private static void Filter(DamoObject filter, string path, SortedDictionary<string, string> files)
    {
        files[$"{path}type"] = filter.Text("filter_type")!;
        files[$"{path}matching"] = YesNo(filter.Bool("matching"));
        files[$"{path}allow"] = YesNo(filter.Bool("allow"));
        if (filter.Text("memcg_path") is { Length: > 0 } cgroup)
        {
            files[$"{path}memcg_path"] = cgroup;
        }

        if (filter.Object("address_range") is { } range)
        {
            files[$"{path}addr_start"] = Count(range, "start");
            files[$"{path}addr_end"] = Count(range, "end");
            range.Done();
        }

        if (filter.Text("damon_target_idx") is { } target)
        {
            files[$"{path}damon_target_idx"] = target;
        }

        if (filter.Texts("hugepage_size") is [var least, var most])
        {
            files[$"{path}min"] = DamoNumber.ToFile(DamoNumber.Bytes(least));
            files[$"{path}max"] = DamoNumber.ToFile(DamoNumber.Bytes(most));
        }

        filter.Must("probe_hits_wsum_range", "null");
        filter.Done();
    }

    private static void Each(
        IReadOnlyList<DamoObject> items, string path, string count, SortedDictionary<string, string> files, Action<DamoObject, string, SortedDictionary<string, string>> one)
    {
        files[path + count] = Number(items.Count);
        for (var i = 0; i < items.Count; i++)
        {
            one(items[i], $"{path}{Number(i)}/", files);
        }
    }

    private static string Time(DamoObject fields, string key, double unitNanoseconds) => DamoNumber.ToFile(DamoNumber.Time(fields.Text(key)!, unitNanoseconds));

    private static string Share(DamoObject fields, string key, double whole) => DamoNumber.ToFile(DamoNumber.Share(fields.Text(key)!, whole));

    private static string Count(DamoObject fields, string key) => DamoNumber.ToFile(DamoNumber.Count(fields.Text(key)!));

    private static string YesNo(bool value) => value ? "Y" : "N";

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
