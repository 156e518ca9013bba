using System.Buffers;
using Damon.Hosting.Metrics;
using Damon.Operator.Model;
using Damon.Operator.Rollouts;
using Damon.Operator.Statuses;

namespace Damon.Operator.Metrics;

/// <summary>
/// The operator's metrics. Their number has a bound that no user of the cluster can raise: labels are closed lists, and schemes, of which only so many have series; how many have none is told.
/// </summary>
internal static class OperatorMetrics
{
    /// <summary>So many schemes have series of their own: the first by name, so that which ones does not flicker.</summary>
    public const int MaxSchemes = 200;

    /// <summary>The longest label value: a name of the API has at most 253 characters.</summary>
    private const int MaxLabelLength = 253;

    private static readonly RolloutPhase[] Phases = Enum.GetValues<RolloutPhase>();

    private static readonly (string Name, Func<NodeCounts, int> Count)[] States =
    [
        ("Pending", static counts => counts.Pending), ("Paused", static counts => counts.Paused), ("Observing", static counts => counts.Observing), ("Active", static counts => counts.Active),
        ("Backoff", static counts => counts.Backoff), ("Stopped", static counts => counts.Stopped), ("Degraded", static counts => counts.Degraded),
        ("Unsupported", static counts => counts.Unsupported), ("Unreachable", static counts => counts.Unreachable),
    ];

    /// <summary>All metrics, in the order in which they are written.</summary>
    public static IReadOnlyList<MetricFamily<OperatorFigures>> Families { get; } =
    [
        One("build_info", "Always 1; which version of the operator runs.", ["version"], static (to, of) => to.Add(1, Label(of.Version))),
        One("start_time_seconds", "When the operator started, in seconds since 1970; its counters count from then.", [], static (to, of) => to.Add(of.StartedAt.ToUnixTimeMilliseconds() / 1000.0)),
        One("leader", "1 where this process leads and may write, 0 where it stands by.", [], static (to, of) => to.Add(of.IsLeader ? 1 : 0)),
        Sum("terms_total", "How often this process has become the leader.", [], static (to, of) => to.Add(of.Terms)),
        Sum("cpu_seconds_total", "CPU time of the operator, all of it.", [], static (to, of) => to.Add(of.CpuTime.TotalSeconds)),
        One("resident_memory_bytes", "Resident set of the operator.", [], static (to, of) => to.Add(of.ResidentBytes)),

        OfQueues("queue_depth", "Keys that could be looked at now; absent where the process does not lead, as are all metrics of queues, informers, nodes and schemes.", static queue => queue.State.Ready),
        OfQueues("queue_processing", "Keys that are being looked at.", static queue => queue.State.Processing),
        OfQueues("queue_delayed", "Keys that wait for their time: for a back-off, a rollout's next step, or a scheme's pace of one look a second.", static queue => queue.State.Delayed),
        OfQueues("queue_failing", "Keys whose last look failed.", static queue => queue.State.Failing),
        Sum("reconciles_total", "Looks at keys by what came of them: Succeeded, Failed (it is tried again), or Thrown (a bug).", ["controller", "result"], static (to, of) =>
        {
            foreach (var controller in of.Controllers)
            {
                to.Add(controller.Succeeded, controller.Controller, "Succeeded");
                to.Add(controller.Failed, controller.Controller, "Failed");
                to.Add(controller.Thrown, controller.Controller, "Thrown");
            }
        }),
        new("damon_operator_reconcile_duration_seconds", MetricType.Histogram, "How long a look at a key took, its writes and what they had to wait for included.", ["controller"], static (to, of) =>
        {
            foreach (var controller in of.Controllers)
            {
                var durations = controller.Durations.Read();
                to.AddHistogram(DurationHistogram.BoundsSeconds, durations.Counts, durations.SumSeconds, controller.Controller);
            }
        }),

        Sum("writes_total", "Requests that change something, events and the lease aside, by what came of them.", ["resource", "result"], static (to, of) =>
        {
            foreach (var write in of.Writes)
                to.Add(write.Requests, write.Resource, write.Result);
        }),
        Sum("written_bytes_total", "Bytes of the bodies of such requests that succeeded.", ["resource"], static (to, of) =>
        {
            foreach (var write in of.Writes.Where(write => write.Result == "Succeeded"))
                to.Add(write.Bytes, write.Resource);
        }),
        One("writes_paused", "1 while nothing is written because the API server asked for that or is out of reach.", [], static (to, of) => to.Add(of.IsPaused ? 1 : 0)),
        Sum("events_total", "Events by what became of them: Written, Aggregated (they raised the count of another), Dropped (too many, or refused).", ["result"], static (to, of) =>
        {
            to.Add(of.Events.Written, "Written");
            to.Add(of.Events.Aggregated, "Aggregated");
            to.Add(of.Events.Dropped, "Dropped");
        }),

        OfInformers("informer_objects", MetricType.Gauge, "Objects that are known of a resource.", static informer => informer.Objects),
        OfInformers("informer_lists", MetricType.Gauge, "Lists that were read in full in this term: one, and one more after each time that the server had forgotten the place.", static informer => informer.Health.Lists),
        OfInformers("informer_watches", MetricType.Gauge, "Watches that the server accepted in this term.", static informer => informer.Health.Watches),
        OfInformers("informer_failures", MetricType.Gauge, "Failures in a row; 0 where a resource is followed.", static informer => informer.Health.ConsecutiveFailures),
        OfInformers("informer_contact_age_seconds", MetricType.Gauge, "How long ago the server last said anything about a resource; a quiet one may reach ten minutes.", static informer => informer.Health.SinceLastContact.TotalSeconds),
        OfInformers("informer_unreadable_objects", MetricType.Gauge, "Objects whose newest version cannot be read.", static informer => informer.Health.Undecodable.Count),

        One("nodes", "Nodes that are known.", [], static (to, of) => AddIfKnown(to, of.Cluster?.Nodes)),
        One("schemes", "Schemes that are known.", [], static (to, of) => AddIfKnown(to, of.Cluster?.Schemes.Count)),
        One("schemes_without_series", "Schemes that have no series of their own, because there are too many.", [], static (to, of) => AddIfKnown(to, of.Cluster is { } cluster ? Math.Max(0, cluster.Schemes.Count - MaxSchemes) : null)),
        One("scheme_nodes", "Nodes of a scheme by their state; they add up to those that it is for.", ["scheme", "state"], static (to, of) =>
        {
            foreach (var scheme in Schemes(of))
            {
                foreach (var (name, count) in States)
                    to.Add(count(scheme.Nodes), Label(scheme.Scheme), name);
            }
        }),
        OfSchemes("scheme_nodes_updated", "Nodes that have the scheme as it stands now.", static scheme => scheme.Nodes.Updated),
        OfSchemes("rollout_step", "The step of a scheme's rollout; 0 is the canary and what comes before it.", static scheme => scheme.Step),
        One("rollout_phase", "1 for the phase that a scheme's rollout is in, 0 for the others; absent where it has none.", ["scheme", "phase"], static (to, of) =>
        {
            foreach (var scheme in Schemes(of).Where(scheme => scheme.Phase is not null))
            {
                foreach (var phase in Phases)
                    to.Add(scheme.Phase == phase ? 1 : 0, Label(scheme.Scheme), phase.ToString());
            }
        }),
    ];

    /// <summary>Writes all of them.</summary>
    public static void Write(IBufferWriter<byte> to, OperatorFigures figures)
    {
        var samples = new MetricSamples(to);
        var ordered = figures with
        {
            Cluster = figures.Cluster is { } cluster ? cluster with { Schemes = [.. cluster.Schemes.OrderBy(scheme => scheme.Scheme, StringComparer.Ordinal)] } : null,
        };
        foreach (var family in Families)
            samples.Write(family, ordered);
    }

    private static IEnumerable<SchemeFigures> Schemes(OperatorFigures figures) => figures.Cluster?.Schemes.Take(MaxSchemes) ?? [];

    private static MetricFamily<OperatorFigures> One(string name, string help, string[] labels, Action<MetricSamples, OperatorFigures> collect) =>
        new("damon_operator_" + name, MetricType.Gauge, help, labels, collect);

    private static MetricFamily<OperatorFigures> Sum(string name, string help, string[] labels, Action<MetricSamples, OperatorFigures> collect) =>
        new("damon_operator_" + name, MetricType.Counter, help, labels, collect);

    private static MetricFamily<OperatorFigures> OfQueues(string name, string help, Func<QueueFigures, double> value) => One(name, help, ["controller"], (to, of) =>
    {
        foreach (var queue in of.Queues)
            to.Add(value(queue), queue.Controller);
    });

    private static MetricFamily<OperatorFigures> OfInformers(string name, MetricType type, string help, Func<InformerFigures, double> value) =>
        new("damon_operator_" + name, type, help, ["resource"], (to, of) =>
        {
            foreach (var informer in of.Informers)
                to.Add(value(informer), informer.Resource);
        });

    private static MetricFamily<OperatorFigures> OfSchemes(string name, string help, Func<SchemeFigures, double> value) => One(name, help, ["scheme"], (to, of) =>
    {
        foreach (var scheme in Schemes(of))
            to.Add(value(scheme), Label(scheme.Scheme));
    });

    private static void AddIfKnown(MetricSamples to, double? value)
    {
        if (value is { } known)
            to.Add(known);
    }

    private static string Label(string text) => text.Length <= MaxLabelLength ? text : text[..MaxLabelLength];
}
