using System.Text;
using System.Text.Json;
using Damon.Engine.Regions;
using Damon.NodeAgent.Heatmaps;
using Damon.NodeAgent.Http;
using Damon.NodeAgent.Metrics;
using Damon.NodeAgent.Tests.Metrics;
using Microsoft.Extensions.Time.Testing;

namespace Damon.NodeAgent.Tests.Http;

public class AgentPagesTests
{
    private static readonly TimeSpan MaxSilence = TimeSpan.FromSeconds(60);

    private readonly FakeTimeProvider _time = new();
    private readonly FakeAgentView _view = new();
    private readonly AgentPages _pages;

    public AgentPagesTests() => _pages = new AgentPages(_view, _time, podSeries: 1, MaxSilence);

    [Theory]
    [InlineData(60, 200)]
    [InlineData(60.1, 503)]
    public void Healthy_is_a_loop_that_turned_within_the_limit(double silenceSeconds, int status)
    {
        _view.LastTurn = _time.GetTimestamp();
        _time.Advance(TimeSpan.FromSeconds(silenceSeconds));
        _pages.Get("/healthz").Status.Should().Be(status);
    }

    [Theory]
    [InlineData(60, 200)]
    [InlineData(60.1, 503)]
    public void A_loop_that_never_turned_has_as_long_from_the_start(double silenceSeconds, int status)
    {
        _time.Advance(TimeSpan.FromSeconds(silenceSeconds));
        _pages.Get("/healthz").Status.Should().Be(status);
    }

    [Fact]
    public void Ready_is_healthy_with_a_known_plan()
    {
        _view.LastTurn = _time.GetTimestamp();
        _pages.Get("/readyz").Status.Should().Be(200);
        _view.Figures = FakeAgentView.Busy() with { HasPlan = false };
        _pages.Get("/readyz").Status.Should().Be(503);
        _view.Figures = null;
        _pages.Get("/readyz").Status.Should().Be(503);
        _pages.Get("/healthz").Status.Should().Be(200, "an agent without a plan is not to be restarted");
        _view.Figures = FakeAgentView.Busy();
        _time.Advance(MaxSilence + TimeSpan.FromSeconds(1));
        _pages.Get("/readyz").Status.Should().Be(503);
    }

    [Theory]
    [InlineData("/metrics")]
    [InlineData("/v1/snapshot")]
    [InlineData("/v1/pods/batch/worker-0/heatmap")]
    public void Before_the_first_round_there_is_nothing_to_tell(string target)
    {
        _view.Figures = null;
        _pages.Get(target).Status.Should().Be(503);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("*")]
    [InlineData("metrics")]
    [InlineData("//metrics")]
    [InlineData("/metrics/")]
    [InlineData("/Metrics")]
    [InlineData("/metrics?x=1")]
    [InlineData("/metrics#x")]
    [InlineData("/%6detrics")]
    [InlineData("/v1/../metrics")]
    [InlineData("/./metrics")]
    [InlineData("http://localhost/metrics")]
    [InlineData("/v1/snapshot;x")]
    [InlineData("/v2/snapshot")]
    [InlineData("/v1/pods")]
    [InlineData("/v1/pods/batch/worker-0")]
    [InlineData("/v1/pods/batch/worker-0/heatmap/")]
    [InlineData("/v1/pods/batch/worker-0/heatmap.xml")]
    [InlineData("/v1/pods/batch/worker-0/Heatmap")]
    [InlineData("/v1/pods/batch/worker-0//heatmap")]
    [InlineData("/v1/pods/batch/worker%2D0/heatmap")]
    [InlineData("/v1/pods/batch/../worker-0/heatmap")]
    [InlineData("/v1/pods/../../etc/passwd/heatmap")]
    [InlineData("/v1/pods/batch/worker-1/heatmap")]
    [InlineData("/v1/pods/web/worker-0/heatmap")]
    [InlineData("/v1/pods//worker-0/heatmap")]
    [InlineData("/v1/pods/batch//heatmap")]
    public void What_is_not_exactly_a_path_is_not_found(string target) => _pages.Get(target).Status.Should().Be(404);

    [Fact]
    public void Nothing_is_recorded_for_a_name_that_no_watched_pod_bears()
    {
        var asked = new List<PodName>();
        _view.Heatmaps = pod =>
        {
            asked.Add(pod);
            return new HeatmapAnswer(HeatmapAvailability.Recording, null);
        };
        _pages.Get("/v1/pods/batch/worker-9/heatmap");
        _pages.Get("/v1/pods/batch/worker-0/heatmap.json");
        asked.Should().Equal(FakeAgentView.Batch);
    }

    [Fact]
    public void Pages_of_the_same_figures_are_made_once()
    {
        var first = _pages.Get("/metrics");
        _pages.Get("/metrics").Should().BeSameAs(first);
        var snapshot = _pages.Get("/v1/snapshot");
        _pages.Get("/v1/snapshot").Should().BeSameAs(snapshot);
        _view.Figures = FakeAgentView.Busy() with { Version = "0.2.0" };
        Encoding.UTF8.GetString(_pages.Get("/metrics").Body.Span).Should().Contain("version=\"0.2.0\"");
        Encoding.UTF8.GetString(_pages.Get("/v1/snapshot").Body.Span).Should().Contain("\"0.2.0\"");
    }

    [Fact]
    public void The_snapshot_is_as_committed()
    {
        using var document = JsonDocument.Parse(_pages.Get("/v1/snapshot").Body);
        GoldenFile.Compare("snapshot.json", JsonSerializer.Serialize(document.RootElement, IndentedJson) + "\n");
    }

    [Fact]
    public void A_heatmap_is_drawn_or_given_as_json()
    {
        var target = new TargetHeatmap(42, "main", TimeSpan.FromSeconds(20), 1 << 20, [new AddressRange(0x1000, 0x3000)], [[0, 0.5, 1], [0.0001, 0, 1]]);
        _view.Heatmaps = pod => new HeatmapAnswer(HeatmapAvailability.Ready, new PodHeatmap(pod, DateTimeOffset.UnixEpoch, [target], 3));

        Encoding.UTF8.GetString(_pages.Get("/v1/pods/batch/worker-0/heatmap").Body.Span).Should().Be("""
            batch/worker-0, down = time, right = addresses without gaps
            " .:-=+*#%@" = 0 % … 100 % of the sample intervals

            main, process 42: 20s a row, 1 MiB a column
                    0s | +@|
                   20s |. @|

            not recorded, because the pod has too many: 3 processes

            """);
        Encoding.UTF8.GetString(_pages.Get("/v1/pods/batch/worker-0/heatmap.json").Body.Span).Should().Be(
            """{"namespace":"batch","name":"worker-0","takenAt":"1970-01-01T00:00:00Z","omittedTargets":3,"targets":[{"target":42,"container":"main","secondsPerRow":20,"bytesPerColumn":1048576,"addresses":["1000-3000"],"rows":[[0,0.5,1],[0.0001,0,1]]}]}""");
    }

    [Theory]
    [InlineData("Recording", 202, 1)]
    [InlineData("Busy", 429, 60)]
    public void A_heatmap_that_is_not_there_says_when_to_ask_again(string availability, int status, int retryAfterSeconds)
    {
        _view.Heatmaps = _ => new HeatmapAnswer(Enum.Parse<HeatmapAvailability>(availability), null);
        var page = _pages.Get("/v1/pods/batch/worker-0/heatmap");
        (page.Status, page.RetryAfterSeconds).Should().Be((status, retryAfterSeconds));
    }

    private static readonly JsonSerializerOptions IndentedJson = new() { WriteIndented = true };
}
