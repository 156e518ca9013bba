using Damon.Engine.Host;
using Damon.Engine.Schemes;

namespace Damon.Engine.KernelDamon;

/// <summary>
/// Finds out what the kernel's DAMON can, by which files there are and which words they take. Most files are there only below a context with a scheme, so it needs a kdamond of ours
/// that does not run; nothing that is written there has an effect, and the context is empty again afterwards.
/// </summary>
internal static class KernelFeatureProbe
{
    /// <summary>Probes.</summary>
    /// <param name="tree">The files.</param>
    /// <param name="index">A kdamond of ours that does not run.</param>
    /// <returns><see cref="HostErrorKind.Busy"/> where it runs.</returns>
    public static HostResult<KernelFeatures> Probe(PatientDamonTree tree, int index)
    {
        tree.BeginCall();
        var folder = KernelFiles.Kdamond(index);
        var state = tree.Read(folder + "state");
        if (!state.IsOk)
        {
            return state.Error;
        }

        if (state.Value != "off")
        {
            return new HostError(HostErrorKind.Busy, folder + "state", "it runs; features are found with one that does not");
        }

        HostError error = default;
        Set(tree, folder + "contexts/nr_contexts", "1", ref error);
        var features = Look(tree, folder + "contexts/0/", ref error);
        tree.BeginCall();
        HostError left = default;
        Set(tree, folder + "contexts/nr_contexts", "0", ref left);
        return error.Kind != HostErrorKind.None ? error : left.Kind != HostErrorKind.None ? left : features;
    }

    private static KernelFeatures Look(PatientDamonTree tree, string context, ref HostError error)
    {
        const string Scheme = "schemes/0/";
        Set(tree, context + "schemes/nr_schemes", "1", ref error);
        Set(tree, context + "targets/nr_targets", "1", ref error);
        var filters = new HashSet<SchemeFilterType>();
        bool Has(string path) => tree.Exists(context + path);
        var allow = false;
        var layers = Has(Scheme + "core_filters/nr_filters") && Has(Scheme + "ops_filters/nr_filters");
        foreach (var folder in layers ? ["core_filters/", "ops_filters/"] : Has(Scheme + "filters/nr_filters") ? ["filters/"] : Array.Empty<string>())
        {
            Set(tree, context + Scheme + folder + "nr_filters", "1", ref error);
            filters.UnionWith(Words(tree, context + Scheme + folder + "0/type", KernelVocabulary.Filters, ref error));
            allow = Has(Scheme + folder + "0/allow");
        }

        // Before 6.9 goals have no metric of their own.
        IReadOnlySet<GoalMetric> goals = new HashSet<GoalMetric>();
        if (Has(Scheme + "quotas/goals/nr_goals"))
        {
            Set(tree, context + Scheme + "quotas/goals/nr_goals", "1", ref error);
            if (Has(Scheme + "quotas/goals/0/target_metric"))
            {
                goals = Words(tree, context + Scheme + "quotas/goals/0/target_metric", KernelVocabulary.Goals, ref error);
            }
        }

        return new KernelFeatures
        {
            Operations = Available(tree, context + "avail_operations", ref error),
            Actions = Words(tree, context + Scheme + "action", KernelVocabulary.Actions, ref error),
            Filters = filters,
            Goals = goals,
            HasFilterAllow = allow,
            HasFilterLayers = layers,
            HasUnlayeredFilters = Has(Scheme + "filters/nr_filters"),
            HasApplyInterval = Has(Scheme + "apply_interval_us"),
            HasIntervalsGoal = Has("monitoring_attrs/intervals/intervals_goal/access_bp"),
            HasDestinations = Has(Scheme + "dests/nr_dests"),
            HasTargetNode = Has(Scheme + "target_nid"),
            HasSnapshotLimit = Has(Scheme + "stats/max_nr_snapshots"),
            HasObsoleteTarget = Has("targets/0/obsolete_target"),
            HasPause = Has("pause"),
            HasGoalTuner = Has(Scheme + "quotas/goal_tuner"),
            HasFailedCharge = Has(Scheme + "quotas/fail_charge_num"),
            HasAddressUnit = Has("addr_unit"),
            HasEffectiveQuota = Has(Scheme + "quotas/effective_bytes"),
            HasTriedBytes = Has(Scheme + "tried_regions/total_bytes"),

            // The file of a region and the one of the statistics came together; without regions only the latter is there.
            HasFilterPassed = Has(Scheme + "stats/sz_ops_filter_passed"),
        };
    }

    /// <summary>Which operations are compiled in: the file that sets them takes every word that the kernel knows.</summary>
    private static HashSet<KernelOperations> Available(PatientDamonTree tree, string path, ref HostError error)
    {
        var found = new HashSet<KernelOperations>();
        if (error.Kind != HostErrorKind.None)
        {
            return found;
        }

        var read = tree.Read(path);
        if (!read.TryGet(out var text))
        {
            error = read.Error;
            return found;
        }

        var words = text.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        found.UnionWith(KernelVocabulary.Operations.Where(row => words.Contains(row.Word, StringComparer.Ordinal)).Select(row => row.Ours));
        return found;
    }

    private static HashSet<T> Words<T>(PatientDamonTree tree, string path, (string Word, T Ours)[] table, ref HostError error)
        where T : struct, Enum
    {
        var taken = new HashSet<T>();
        foreach (var (word, ours) in error.Kind == HostErrorKind.None ? table : [])
        {
            var written = tree.Write(path, word);
            if (written.IsOk)
            {
                taken.Add(ours);
            }
            else if (written.Error.Errno != KernelErrno.Invalid)
            {
                error = written.Error;
                break;
            }
        }

        return taken;
    }

    private static void Set(PatientDamonTree tree, string path, string value, ref HostError error)
    {
        if (error.Kind == HostErrorKind.None && tree.Write(path, value) is { IsOk: false } failed)
        {
            error = failed.Error;
        }
    }
}
