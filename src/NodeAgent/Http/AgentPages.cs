using System.Buffers;
using System.Net.Mime;
using System.Text;
using System.Text.Json;
using Damon.Hosting.Http;
using Damon.Hosting.Metrics;
using Damon.NodeAgent.Heatmaps;
using Damon.NodeAgent.Metrics;

namespace Damon.NodeAgent.Http;

/// <summary>The pages of the agent's API, without the network. What is not exactly one of the paths, as it came over the wire, is not found: nothing is decoded, unified or guessed.</summary>
/// <remarks>Any thread may ask. Pages of the same figures are made once: however often somebody asks, the agent works for it once a round.</remarks>
/// <param name="view">What the agent tells.</param>
/// <param name="time">The clock.</param>
/// <param name="podSeries">For how many pods there are series of metrics.</param>
/// <param name="maxSilence">How long the loop may go without a turn.</param>
internal sealed class AgentPages(IAgentView view, TimeProvider time, int podSeries, TimeSpan maxSilence) : IPageSource
{
    private readonly AgentMetrics _metrics = new(podSeries);
    private readonly long _madeAt = time.GetTimestamp();
    private MadePage? _metricsPage;
    private MadePage? _snapshotPage;

    /// <inheritdoc/>
    public bool IsForEverybody(string target) => target is AgentApi.HealthPath or AgentApi.ReadinessPath;

    /// <inheritdoc/>
    public Page Get(string target)
    {
        switch (target)
        {
            case AgentApi.HealthPath:
                return Health();
            case AgentApi.ReadinessPath:
                return Readiness();
            case AgentApi.MetricsPath:
                return Made(ref _metricsPage, MetricSamples.ContentType, _metrics.Write);
            case AgentApi.SnapshotPath:
                return Made(ref _snapshotPage, MediaTypeNames.Application.Json, static (to, figures) => Json(to, figures, AgentSnapshotJson.Write));
            default:
                return target.Split('/') is ["", "v1", "pods", var podNamespace, var podName, "heatmap" or "heatmap.json"]
                    ? Heatmap(new PodName(podNamespace, podName), target.EndsWith(".json", StringComparison.Ordinal))
                    : Page.Plain(404, "there is no such page");
        }
    }

    private Page Health()
    {
        var silence = time.GetElapsedTime(view.LastTurn ?? _madeAt);
        return silence <= maxSilence ? Page.Plain(200, "ok") : Page.Plain(503, $"the loop has not turned for {(long)silence.TotalSeconds} s");
    }

    private Page Readiness()
    {
        var health = Health();
        return health.Status != 200 ? health : view.Figures is { HasPlan: true } ? Page.Plain(200, "ok") : Page.Plain(503, "the node's plan is not known yet");
    }

    private Page Heatmap(PodName pod, bool isJson)
    {
        if (view.Figures is not { } figures)
        {
            return NothingYet();
        }

        // Only pods that are watched are asked for: nobody can make the agent keep something for a name of his own.
        if (!figures.Pods.Any(known => known.Pod == pod))
        {
            return Page.Plain(404, "no such pod is watched on this node");
        }

        var answer = view.AskHeatmap(pod);
        return answer switch
        {
            { Availability: HeatmapAvailability.Busy } => Page.Plain(429, $"{PodHeatmaps.MaxPods} pods are recorded already; each ends {PodHeatmaps.KeptFor.TotalMinutes:0} minutes after it was last asked for", 60),
            { Heatmap: { } heatmap } when isJson => new Page(200, MediaTypeNames.Application.Json, Bytes(to => Json(to, heatmap, PodHeatmapJson.Write))),
            { Heatmap: { } heatmap } => new Page(200, Page.TextType, Encoding.UTF8.GetBytes(PodHeatmapText.Write(heatmap))),
            _ => Page.Plain(202, "the recording has begun; ask again after an aggregation interval", 1),
        };
    }

    /// <summary>Two threads may make the same page at once: it is the same, and one of them stays.</summary>
    private Page Made(ref MadePage? last, string contentType, Action<IBufferWriter<byte>, AgentFigures> write)
    {
        if (view.Figures is not { } figures)
        {
            return NothingYet();
        }

        var made = Volatile.Read(ref last);
        if (!ReferenceEquals(made?.Figures, figures))
        {
            made = new MadePage(figures, new Page(200, contentType, Bytes(to => write(to, figures))));
            Volatile.Write(ref last, made);
        }

        return made!.Page;
    }

    private static Page NothingYet() => Page.Plain(503, "the agent has only begun", 1);

    private static byte[] Bytes(Action<ArrayBufferWriter<byte>> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        write(buffer);
        return buffer.WrittenSpan.ToArray();
    }

    private static void Json<T>(IBufferWriter<byte> to, T value, Action<Utf8JsonWriter, T> write)
    {
        using var json = new Utf8JsonWriter(to);
        write(json, value);
    }

    private sealed record MadePage(AgentFigures Figures, Page Page);
}
