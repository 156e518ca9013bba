using System.Buffers;
using System.Globalization;
using Damon.Hosting.Http;
using Damon.Hosting.Metrics;
using Damon.Operator.Hosting;
using Damon.Operator.Metrics;

namespace Damon.Operator.Http;

/// <summary>The operator's pages, without the network. What is not exactly one of the paths, as it came over the wire, is not found.</summary>
/// <remarks>Metrics of the same second are made once: however often somebody asks, the operator works for it once a second.</remarks>
/// <param name="view">What it tells.</param>
/// <param name="time">The clock.</param>
internal sealed class OperatorPages(OperatorView view, TimeProvider time) : IPageSource
{
    /// <summary>A process whose threads have not come to their turn for so long is not to be helped by waiting.</summary>
    internal static readonly TimeSpan MaxSilence = TimeSpan.FromSeconds(60);

    /// <summary>An API server that has not answered for so long is not there. Longer than a restart of one takes.</summary>
    internal static readonly TimeSpan MaxLoss = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan MadeFor = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private Page? _metrics;
    private long _madeAt;

    /// <inheritdoc/>
    public bool IsForEverybody(string target) => target is OperatorApi.HealthPath or OperatorApi.ReadinessPath;

    /// <inheritdoc/>
    public Page Get(string target) => target switch
    {
        OperatorApi.HealthPath => Health(),
        OperatorApi.ReadinessPath => Readiness(),
        OperatorApi.MetricsPath => Metrics(),
        _ => Page.Plain(404, "there is no such page"),
    };

    /// <summary>Of the process alone: a restart brings no API server back.</summary>
    private Page Health() => view.SinceTurn <= MaxSilence ? Page.Plain(200, "ok") : Page.Plain(503, $"no thread has come to its turn for {Seconds(view.SinceTurn)} s");

    private Page Readiness()
    {
        var health = Health();
        if (health.Status != 200)
            return health;
        if (view.SinceLeaseContact is not { } contact)
            return Page.Plain(503, "the API server has not answered about the lease yet");
        if (contact > MaxLoss)
            return Page.Plain(503, $"the API server has not answered about the lease for {Seconds(contact)} s");
        if (view.Term is not { } term)
            return Page.Plain(200, view.Holder is { Length: > 0 } holder ? $"ok: stands by, {holder} leads" : "ok: stands by");
        foreach (var informer in term.Informers)
        {
            if (!informer.Health.IsSettled)
                return Page.Plain(503, $"{informer.Resource} have not been listed yet{(informer.Health.Failure is { } why ? $": {why}" : "")}");
            if (informer.Health.Failure is { IsLossOfServer: true } failure && informer.Health.SinceLastContact > MaxLoss)
                return Page.Plain(503, $"{informer.Resource} have not been heard of for {Seconds(informer.Health.SinceLastContact)} s: {failure}");
        }

        return Page.Plain(200, view.IsLeader ? "ok: leads" : "ok: a term ends");
    }

    private Page Metrics()
    {
        lock (_lock)
        {
            if (_metrics is not null && time.GetElapsedTime(_madeAt) < MadeFor)
                return _metrics;
            var buffer = new ArrayBufferWriter<byte>();
            OperatorMetrics.Write(buffer, view.Figures());
            _madeAt = time.GetTimestamp();
            return _metrics = new Page(200, MetricSamples.ContentType, buffer.WrittenSpan.ToArray());
        }
    }

    private static string Seconds(TimeSpan span) => ((long)span.TotalSeconds).ToString(CultureInfo.InvariantCulture);
}
