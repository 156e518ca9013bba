using System.Buffers;
using System.Globalization;
using Damon.Api.Clusters;
using Damon.Api.Nodes;
using Damon.Hosting.Metrics;
using Damon.NodeAgent.Safety;

namespace Damon.NodeAgent.Metrics;

/// <summary>
/// The agent's metrics. Their number has a bound that no user of the cluster can raise: labels are rails, states, backends and schemes (at most sixteen on a node), and pods only where
/// they are asked for, and then only the largest.
/// </summary>
/// <param name="podSeries">For how many pods there are series: those with the most watched memory. 0 for none.</param>
internal sealed class AgentMetrics(int podSeries)
{
    /// <summary>The longest label value: a name of the API has at most 253 characters.</summary>
    private const int MaxLabelLength = 253;

    private static readonly SafetyRail[] Rails = Enum.GetValues<SafetyRail>();
    private static readonly NodeSchemeState[] SchemeStates = Enum.GetValues<NodeSchemeState>();
    private static readonly ContainerState[] ContainerStates = Enum.GetValues<ContainerState>();
    private static readonly ClusterMode[] Modes = Enum.GetValues<ClusterMode>();

    /// <summary>All metrics, in the order in which they are written.</summary>
    public static IReadOnlyList<MetricFamily> Families { get; } =
    [
        One("build_info", "Always 1; which version of the agent runs on which kernel.", ["version", "kernel"], static (to, of) => to.Add(1, Label(of.Version), Label(of.Kernel))),
        One("start_time_seconds", "When the agent started, in seconds since 1970; its counters count from then.", [], static (to, of) => to.Add(Seconds(of.StartedAt))),
        One("figures_timestamp_seconds", "When these figures were taken, in seconds since 1970; a loop that hangs leaves it behind.", [], static (to, of) => to.Add(Seconds(of.TakenAt))),
        One("plan_known", "1 where the node's plan is known, 0 before.", [], static (to, of) => to.Add(of.HasPlan ? 1 : 0)),
        One("mode", "1 for the mode in force on the node, 0 for the others.", ["mode"], static (to, of) => States(to, Modes, of.Mode)),

        Sum("cpu_seconds_total", "CPU time of the agent, all of it.", [], static (to, of) => to.Add(of.Own.CpuTime.TotalSeconds)),
        One("resident_memory_bytes", "Resident set of the agent.", [], static (to, of) => to.Add(of.Own.ResidentBytes)),
        Sum("probes_total", "Looks at pages.", [], static (to, of) => to.Add(of.Own.Probes)),
        One("cpu_ceiling_ratio", "Share of one CPU that sensing may use, from 0 to 1; absent where there is no ceiling.", [], static (to, of) => AddIfKnown(to, of.Own.CpuCeiling)),
        One("probes_per_second_ceiling", "Looks at pages that may be made per second; absent where there is no ceiling.", [], static (to, of) => AddIfKnown(to, of.Own.ProbesPerSecondCeiling)),
        One("interval_stretch_ratio", "How many times the configured intervals are lengthened to stay below the ceilings; 1 where they are not.", [], static (to, of) => to.Add(of.Own.IntervalStretch)),

        OfSessions("session_targets", "Address spaces that the session of a backend watches.", static session => session.Targets),
        OfSessions("session_regions", "Regions that the session tells apart, over all address spaces.", static session => session.Regions),
        OfSessions("sample_interval_seconds", "How often the session looks.", static session => session.Intervals.Sample.TotalSeconds),
        OfSessions("aggregation_interval_seconds", "How often the session sums up what it saw.", static session => session.Intervals.Aggregation.TotalSeconds),
        OfSessions("detection_latency_seconds", "How long after memory turns idle or busy the session is expected to know it.", static session => session.DetectionLatency.TotalSeconds),

        OfPhysical("node_sample_interval_seconds", MetricType.Gauge, "How often the kernel looks at physical memory for schemes of the node; absent where it does not.", static node => node.Intervals?.Sample.TotalSeconds),
        OfPhysical("node_aggregation_interval_seconds", MetricType.Gauge, "How often it sums up what it saw.", static node => node.Intervals?.Aggregation.TotalSeconds),
        OfPhysical("node_interval_stretch_ratio", MetricType.Gauge, "How many times its configured intervals are lengthened to stay below the ceiling.", static node => node.Stretch),
        OfPhysical("node_kernel_cpu_seconds_total", MetricType.Counter, "CPU time of the kernel's thread that does it; it is not in that of the agent.", static node => node.KernelCpuTime.TotalSeconds),
        OfPhysical("node_kernel_restarts_total", MetricType.Counter, "How often that thread had ended without the agent's doing.", static node => node.Restarts),

        One("containers", "Containers of the node by what the agent does with them.", ["state"], static (to, of) =>
        {
            foreach (var state in ContainerStates)
            {
                to.Add(of.Containers.GetValueOrDefault(state), state.ToString());
            }
        }),
        One("pods", "Pods that are watched.", [], static (to, of) => to.Add(of.Pods.Count)),

        One("monitored_bytes", "Addresses that are watched.", [], static (to, of) => to.Add(of.Memory.MonitoredBytes)),
        One("working_set_bytes", $"Of them, those accessed within {Short(IdleHistogram.WorkingSetWindow)}.", [], static (to, of) => to.Add(of.Memory.WorkingSetBytes)),
        One("accessed_bytes", "Of them, those accessed in the latest aggregation; with all buckets of damon_agent_idle_bytes they add up to what is watched.", [], static (to, of) => to.Add(of.Memory.AccessedBytes)),
        One("idle_bytes", "Of them, those not accessed, by for how long: the label is where the bucket begins, and it ends where the next begins.", ["age"], static (to, of) =>
        {
            for (var i = 0; i < IdleHistogram.Buckets.Length; i++)
            {
                to.Add(of.Memory.IdleBytes[i], Short(IdleHistogram.Buckets[i]));
            }
        }),

        One("scheme_info", "Always 1; what a scheme does, in which mode, and the reason of its state.", ["scheme", "action", "mode", "reason"], static (to, of) =>
        {
            foreach (var scheme in of.Schemes)
            {
                to.Add(1, Label(scheme.Name), scheme.Action?.ToString() ?? "", scheme.Mode.ToString(), Label(scheme.Reason));
            }
        }),
        One("scheme_state", "1 for the state that a scheme is in, 0 for the others.", ["scheme", "state"], static (to, of) =>
        {
            foreach (var scheme in of.Schemes)
            {
                foreach (var state in SchemeStates)
                {
                    to.Add(scheme.State == state ? 1 : 0, Label(scheme.Name), state.ToString());
                }
            }
        }),
        OfSchemes("scheme_containers", MetricType.Gauge, "Containers that a scheme is for.", static scheme => scheme.Containers),
        OfSchemes("scheme_matched_bytes", MetricType.Gauge, "Bytes that matched a scheme's pattern in its latest pass.", static scheme => scheme.MatchedBytes),
        OfSchemes("scheme_applied_bytes_total", MetricType.Counter, "Bytes that a scheme really changed, as measured; nothing while it observes.", static scheme => scheme.Effects.AppliedBytes),
        OfSchemes("scheme_would_apply_bytes_total", MetricType.Counter, "Bytes that a scheme would have changed while it observed, each once until it is accessed again.", static scheme => scheme.Effects.WouldApplyBytes),
        OfSchemes("scheme_refault_bytes_total", MetricType.Counter, "Bytes that were acted on and then accessed again, as estimated from samples.", static scheme => scheme.Effects.RefaultBytes),
        OfSchemes("scheme_would_refault_bytes_total", MetricType.Counter, "Bytes that would have been acted on and were accessed again.", static scheme => scheme.Effects.WouldRefaultBytes),
        OfSchemes("scheme_away_bytes", MetricType.Gauge, "Bytes that were acted on and have not been accessed since.", static scheme => scheme.Effects.AwayBytes),
        OfSchemes("scheme_would_be_away_bytes", MetricType.Gauge, "Bytes that would be away now, had the scheme acted.", static scheme => scheme.Effects.WouldBeAwayBytes),
        OfSchemes("scheme_no_effect_calls_total", MetricType.Counter, "Calls that the kernel accepted and that changed nothing.", static scheme => scheme.Effects.NoEffectCalls),
        OfSchemes("scheme_failed_calls_total", MetricType.Counter, "Calls that failed, in whole or in part.", static scheme => scheme.Effects.FailedCalls),
        OfSchemes("scheme_exhausted_windows_total", MetricType.Counter, "Windows whose budget was used up, the scheme's or a pod's.", static scheme => scheme.Effects.ExhaustedWindows),

        OfSchemes("scheme_grants_total", MetricType.Counter, "Passes that the kernel was granted for a scheme of the node.", static scheme => scheme.Grants),
        OfSchemes("scheme_held_containers", MetricType.Gauge, "Containers of a scheme of the node that safety rails hold now.", static scheme => scheme.HeldContainers),

        Sum("safety_trips_total", "How often a safety rail began to hold.", ["rail"], static (to, of) => OfRails(to, of, static rail => rail.Trips)),
        Sum("backoff_seconds_total", "For how long a safety rail held, summed over pods.", ["reason"], static (to, of) => OfRails(to, of, static rail => rail.BackOff.TotalSeconds)),

        OfPods("pod_monitored_bytes", MetricType.Gauge, "Addresses of a pod that are watched.", static pod => pod.Memory.MonitoredBytes),
        OfPods("pod_working_set_bytes", MetricType.Gauge, $"Of them, those accessed within {Short(IdleHistogram.WorkingSetWindow)}; the others are idle.", static pod => pod.Memory.WorkingSetBytes),
        OfPods("pod_applied_bytes_total", MetricType.Counter, "Bytes of a pod that schemes really changed.", static pod => pod.Effects.AppliedBytes),
        OfPods("pod_would_apply_bytes_total", MetricType.Counter, "Bytes of a pod that schemes would have changed while they observed.", static pod => pod.Effects.WouldApplyBytes),
        OfPods("pod_refault_bytes_total", MetricType.Counter, "Bytes of a pod that were acted on and then accessed again.", static pod => pod.Effects.RefaultBytes),
        OfPods("pod_held", MetricType.Gauge, "1 where a safety rail holds a pod now.", static pod => pod.HeldBy is null ? 0 : 1),
        One("pods_without_series", "Pods that are watched and have no series of their own.", [], static (to, of) => to.Add(of.Pods.Count)) with { Pods = MetricPods.WithoutSeries },
    ];

    /// <summary>Writes all of them. Among pods of the same size the name decides which has series, so that the choice does not flicker.</summary>
    public void Write(IBufferWriter<byte> to, AgentFigures figures)
    {
        var samples = new MetricSamples(to);
        IReadOnlyList<PodFigures> largestFirst = [.. figures.Pods.OrderByDescending(pod => pod.Memory.MonitoredBytes).ThenBy(pod => pod.Pod)];
        var withSeries = figures with { Pods = [.. largestFirst.Take(podSeries)] };
        var withoutSeries = figures with { Pods = [.. largestFirst.Skip(podSeries)] };
        foreach (var family in Families)
        {
            samples.Write(family, family.Pods switch
            {
                MetricPods.WithSeries => withSeries,
                MetricPods.WithoutSeries => withoutSeries,
                _ => figures,
            });
        }
    }

    /// <summary>How a bucket's beginning is written: the shortest way in one unit.</summary>
    internal static string Short(TimeSpan time) => time switch
    {
        _ when time >= TimeSpan.FromHours(1) && time.Ticks % TimeSpan.TicksPerHour == 0 => Invariant($"{time.Ticks / TimeSpan.TicksPerHour}h"),
        _ when time >= TimeSpan.FromMinutes(1) && time.Ticks % TimeSpan.TicksPerMinute == 0 => Invariant($"{time.Ticks / TimeSpan.TicksPerMinute}m"),
        _ => Invariant($"{time.TotalSeconds}s"),
    };

    private static MetricFamily One(string name, string help, string[] labels, Action<MetricSamples, AgentFigures> collect) => new("damon_agent_" + name, MetricType.Gauge, help, labels, collect);

    private static MetricFamily Sum(string name, string help, string[] labels, Action<MetricSamples, AgentFigures> collect) => new("damon_agent_" + name, MetricType.Counter, help, labels, collect);

    private static MetricFamily OfSessions(string name, string help, Func<SessionFigures, double> value) => One(name, help, ["backend"], (to, of) =>
    {
        foreach (var session in of.Sessions)
        {
            to.Add(value(session), session.Backend.ToString());
        }
    });

    private static MetricFamily OfPhysical(string name, MetricType type, string help, Func<NodeFigures, double?> value) =>
        new("damon_agent_" + name, type, help, [], (to, of) => AddIfKnown(to, of.Physical is { } node ? value(node) : null));

    private static MetricFamily OfSchemes(string name, MetricType type, string help, Func<SchemeFigures, double?> value) => new("damon_agent_" + name, type, help, ["scheme"], (to, of) =>
    {
        foreach (var scheme in of.Schemes)
        {
            if (value(scheme) is { } known)
            {
                to.Add(known, Label(scheme.Name));
            }
        }
    });

    private static MetricFamily OfPods(string name, MetricType type, string help, Func<PodFigures, double> value) => new("damon_agent_" + name, type, help, ["namespace", "pod"], (to, of) =>
    {
        foreach (var pod in of.Pods)
        {
            to.Add(value(pod), Label(pod.Pod.Namespace), Label(pod.Pod.Name));
        }
    })
    { Pods = MetricPods.WithSeries };

    /// <summary>A rail that never held has its series too: an increase from nothing to one would not be seen as one.</summary>
    private static void OfRails(MetricSamples to, AgentFigures figures, Func<RailFigures, double> value)
    {
        foreach (var rail in Rails)
        {
            to.Add(figures.Rails.Where(known => known.Rail == rail).Sum(value), rail.ToString());
        }
    }

    private static void States<T>(MetricSamples to, T[] all, T current)
        where T : struct, Enum
    {
        foreach (var state in all)
        {
            to.Add(EqualityComparer<T>.Default.Equals(state, current) ? 1 : 0, state.ToString());
        }
    }

    private static void AddIfKnown(MetricSamples to, double? value)
    {
        if (value is { } known)
        {
            to.Add(known);
        }
    }

    private static double Seconds(DateTimeOffset time) => time.ToUnixTimeMilliseconds() / 1000.0;

    private static string Label(string text) => text.Length <= MaxLabelLength ? text : text[..MaxLabelLength];

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
