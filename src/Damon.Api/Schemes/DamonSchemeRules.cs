using Damon.Api.Manifests;

namespace Damon.Api.Schemes;

/// <summary>The rules over several fields of a scheme. A rule is silent where one of its fields is wrong by itself: that error says enough.</summary>
internal static class DamonSchemeRules
{
    public static void Check(DamonSchemeSpec spec, ManifestFields fields)
    {
        // In this order no rule is silenced by the finding of another one.
        CheckIntervals(spec, fields);
        CheckDestinations(spec, fields);
        CheckAction(spec, fields);
        CheckTarget(spec, fields);
        CheckEnforce(spec, fields);
    }

    // Auto may become any backend, so its intervals must do for both families.
    private static void CheckIntervals(DamonSchemeSpec spec, ManifestFields fields)
    {
        if (!fields.IsSound("backend")
            || !fields.IsSound("monitoring", "sampleInterval")
            || !fields.IsSound("monitoring", "aggregationInterval")
            || !fields.IsSound("monitoring", "updateInterval"))
            return;
        var sampleGiven = spec.Monitoring.SampleInterval is not null;
        var aggregationGiven = spec.Monitoring.AggregationInterval is not null;
        var updateGiven = fields.Has("monitoring", "updateInterval");
        ReadOnlySpan<(BackendKind Backend, string Name)> families = spec.Backend switch
        {
            BackendKind.Auto => [(BackendKind.Kernel, "the Kernel backend"), (BackendKind.IdlePage, "the user-space backends")],
            BackendKind.Kernel => [(BackendKind.Kernel, "the Kernel backend")],
            _ => [(spec.Backend, "the user-space backends")],
        };

        // Once is enough for each rule, even where both families break it.
        var (sampleTold, updateTold) = (false, false);
        foreach (var (backend, name) in families)
        {
            var (sample, aggregation, update) = spec.Monitoring.Effective(backend);
            var shownAggregation = $"aggregationInterval {aggregation}{(aggregationGiven ? "" : $" (the default of {name})")}";
            if (sample > aggregation && !sampleTold)
            {
                var shownSample = $"sampleInterval {sample}{(sampleGiven ? "" : $" (the default of {name})")}";
                fields.Report(
                    $"{shownSample} is longer than {shownAggregation}; {Advice(sampleGiven && aggregationGiven)}",
                    "monitoring", sampleGiven ? "sampleInterval" : "aggregationInterval");
                sampleTold = true;
            }

            if (aggregation > update && !updateTold)
            {
                var shownUpdate = $"updateInterval {update}{(updateGiven ? "" : " (the default)")}";
                fields.Report(
                    $"{shownAggregation} is longer than {shownUpdate}; {Advice(updateGiven && aggregationGiven)}",
                    "monitoring", aggregationGiven ? "aggregationInterval" : "updateInterval");
                updateTold = true;
            }
        }

        static string Advice(bool bothGiven) => bothGiven ? "shorten the one or lengthen the other" : "set both";
    }

    private static void CheckTarget(DamonSchemeSpec spec, ManifestFields fields)
    {
        var target = spec.Target;
        if (!fields.IsSound("target", "kind"))
            return;
        if (target.Kind == TargetKind.Node)
        {
            foreach (var name in (ReadOnlySpan<string>)["namespaceSelector", "podSelector", "containers", "all"])
            {
                if (fields.Has("target", name))
                    fields.Report("selects pods and does not go with kind Node; leave it out", "target", name);
            }

            if (spec.Backend is not (BackendKind.Auto or BackendKind.Kernel))
                fields.Report($"the backend {spec.Backend} cannot see a whole node; write Auto or Kernel, or target.kind Pods", "backend");
            return;
        }

        if (!fields.Has("target", "namespaceSelector") && !fields.Has("target", "podSelector"))
            fields.Report("selects no pods; give namespaceSelector or podSelector ({} selects all)", "target");
        else if (spec.Mode == SchemeMode.Enforce
            && !target.All
            && fields.IsSound("target", "all")
            && IsOpen("namespaceSelector", target.NamespaceSelector)
            && IsOpen("podSelector", target.PodSelector))
            fields.Report("selects every pod and the mode is Enforce; narrow namespaceSelector or podSelector, or say all: true", "target");

        // A selector in error is not known to be open.
        bool IsOpen(string name, LabelSelector? selector) => fields.IsSound("target", name) && (selector is null || selector.IsEmpty);
    }

    private static void CheckEnforce(DamonSchemeSpec spec, ManifestFields fields)
    {
        if (spec.Mode != SchemeMode.Enforce || !fields.IsSound("quota"))
            return;
        if (spec.Quota is { Size: null, Time: null, Goals.Count: 0 })
            fields.Report("the mode Enforce needs a limit; give quota.size, quota.time or quota.goals", "quota");
    }

    private static void CheckDestinations(DamonSchemeSpec spec, ManifestFields fields)
    {
        if (!fields.IsSound("action"))
            return;
        var migrates = spec.Action.Type is ActionType.MigrateHot or ActionType.MigrateCold;
        if (migrates && spec.Action.Destinations.Count == 0)
            fields.Report($"the action {spec.Action.Type} needs at least one destination", "action", "destinations");
        if (!migrates && spec.Action.Destinations.Count > 0)
            fields.Report($"the action {spec.Action.Type} moves nothing; leave the destinations out", "action", "destinations");
    }

    private static void CheckAction(DamonSchemeSpec spec, ManifestFields fields)
    {
        if (!fields.IsSound("action", "type") || !fields.IsSound("target", "kind") || !fields.IsSound("backend"))
            return;
        var type = spec.Action.Type;
        var isNode = spec.Target.Kind == TargetKind.Node;
        var inKernel = spec.Backend is BackendKind.Auto or BackendKind.Kernel;
        switch (type)
        {
            case ActionType.LruPrio or ActionType.LruDeprio:
                if (!inKernel)
                    Refuse($"is done by the kernel alone and cannot work with the backend {spec.Backend}; write backend Auto or Kernel");
                if (!isNode)
                    Refuse("sorts the page lists of a whole node and cannot work with target.kind Pods; write target.kind Node");
                break;
            case ActionType.HugePage or ActionType.NoHugePage:
                if (!inKernel)
                    Refuse($"is done by the kernel alone and cannot work with the backend {spec.Backend}; write backend Auto or Kernel");
                if (isNode)
                    Refuse("cannot work with target.kind Node; write target.kind Pods");
                break;
            case ActionType.WillNeed or ActionType.Collapse or ActionType.Reclaim:
                if (isNode)
                    Refuse("cannot work with target.kind Node; write target.kind Pods");
                break;
            default:
                // Stat, Pageout, Cold and the migrations work with every backend and target.
                break;
        }

        void Refuse(string why) => fields.Report($"{type} {why}", "action", "type");
    }
}
