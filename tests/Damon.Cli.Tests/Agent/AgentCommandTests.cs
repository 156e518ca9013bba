using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Damon.Api.Clusters;
using Damon.Api.Nodes;
using Damon.Api.Schemes;
using Damon.Engine.Host;
using Damon.Engine.Machine;
using Damon.Engine.Regions;
using Damon.NodeAgent.Heatmaps;
using Damon.NodeAgent.Http;
using Damon.NodeAgent.Metrics;
using Damon.NodeAgent.Safety;

namespace Damon.Cli.Tests.Agent;

/// <summary>The commands against the agent's own server, in this process.</summary>
public sealed class AgentCommandTests : IAsyncDisposable
{
    private const string Token = "0123456789abcdef0123456789abcdef";
    private const ulong MiB = 1 << 20;

    private readonly TemporaryFolder _folder = new();
    private readonly View _view = new();
    private AgentHttpServer? _server;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _folder.Dispose();
    }

    [Fact]
    public async Task A_snapshot_for_people_is_as_committed()
    {
        var run = await CliRun.Of("agent", "snapshot", "--url", await Start());
        run.Error.Should().BeEmpty();
        run.ExitCode.Should().Be(ExitCode.Ok);
        GoldenFile.Compare("agent-snapshot.txt", run.Out);
    }

    [Fact]
    public async Task A_snapshot_for_programs_is_the_agent_s_own_document()
    {
        var run = await CliRun.Of("agent", "snapshot", "-o", "json", "--url", await Start());
        run.ExitCode.Should().Be(ExitCode.Ok);
        using var document = JsonDocument.Parse(run.Out);
        document.RootElement.GetProperty("memory").GetProperty("monitoredBytes").GetUInt64().Should().Be(_view.Figures!.Memory.MonitoredBytes);
        document.RootElement.GetProperty("pods").GetArrayLength().Should().Be(1);
    }

    [Fact]
    public async Task Metrics_are_printed_as_they_come()
    {
        var run = await CliRun.Of("agent", "metrics", "--url", await Start());
        run.ExitCode.Should().Be(ExitCode.Ok);
        run.Out.Should().StartWith("# HELP damon_agent_build_info ").And.Contain("\ndamon_agent_working_set_bytes ");
    }

    [Fact]
    public async Task A_heatmap_is_waited_for_and_drawn()
    {
        var asked = 0;
        _view.Heatmaps = pod => ++asked < 2 ? new HeatmapAnswer(HeatmapAvailability.Recording, null) : Ready(pod);
        var run = await CliRun.Of("agent", "heatmap", "batch/worker-0", "--url", await Start());
        run.Error.Should().BeEmpty();
        run.ExitCode.Should().Be(ExitCode.Ok);
        run.Out.Should().Contain("batch/worker-0").And.Contain("| +@|");
    }

    [Fact]
    public async Task A_heatmap_for_programs_is_one_document()
    {
        _view.Heatmaps = Ready;
        var run = await CliRun.Of("agent", "heatmap", "batch/worker-0", "-o", "json", "--url", await Start());
        using var document = JsonDocument.Parse(run.Out);
        document.RootElement.GetProperty("targets")[0].GetProperty("rows")[0].EnumerateArray().Select(rate => rate.GetDouble()).Should().Equal(0, 0.5, 1);
    }

    [Fact]
    public async Task A_heatmap_that_takes_longer_than_one_waits_says_so()
    {
        var run = await CliRun.Of("agent", "heatmap", "batch/worker-0", "--wait", "1ms", "--url", await Start());
        (run.ExitCode, run.Out).Should().Be((ExitCode.Failed, ""));
        run.Error.Should().Contain("--wait");
    }

    [Fact]
    public async Task A_pod_that_is_not_watched_is_no_heatmap()
    {
        var run = await CliRun.Of("agent", "heatmap", "batch/worker-1", "--url", await Start());
        run.ExitCode.Should().Be(ExitCode.Failed);
        run.Error.Should().Contain("404").And.Contain("no such pod is watched on this node");
    }

    [Theory]
    [InlineData("snapshot")]
    [InlineData("metrics")]
    [InlineData("heatmap", "batch/worker-0")]
    public async Task Where_nothing_listens_the_address_and_what_would_help_are_named(params string[] command)
    {
        // A port that was free a moment ago, and that nobody else is given while this holds it without listening.
        using var holder = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        holder.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var port = ((IPEndPoint)holder.LocalEndPoint!).Port;
        var run = await CliRun.Of(["agent", .. command, "--url", $"http://127.0.0.1:{port}"]);
        (run.ExitCode, run.Out).Should().Be((ExitCode.Failed, ""));
        run.Error.Should().Contain($"nothing listens at http://127.0.0.1:{port}").And.Contain("port-forward").And.Contain("--url");
    }

    [Fact]
    public async Task An_agent_that_wants_a_token_says_so_and_takes_the_one_of_a_file()
    {
        _folder.Write("token", Token + "\n");
        var address = await Start(new AgentHttpOptions { Listen = new IPEndPoint(IPAddress.Loopback, 0), TokenPath = "/token" });
        var without = await CliRun.Of("agent", "snapshot", "--url", address);
        (without.ExitCode, without.Out).Should().Be((ExitCode.Failed, ""));
        without.Error.Should().Contain("--token-file");
        (await CliRun.Of("agent", "snapshot", "--url", address, "--token-file", _folder.Write("wrong", "fedcba9876543210"))).Error.Should().Contain("--token-file");
        (await CliRun.Of("agent", "snapshot", "--url", address, "--token-file", Path.Combine(_folder.Path, "token"))).ExitCode.Should().Be(ExitCode.Ok);
    }

    [Theory]
    [InlineData("")]
    [InlineData("two\nlines")]
    [InlineData("tökën")]
    public async Task A_token_file_without_a_token_is_bad_input(string content)
    {
        var run = await CliRun.Of("agent", "snapshot", "--token-file", _folder.Write("token", content));
        run.ExitCode.Should().Be(ExitCode.BadInput);
        run.Error.Should().Contain("holds no token");
    }

    [Fact]
    public async Task An_agent_that_has_only_begun_is_no_result()
    {
        _view.Figures = null;
        var run = await CliRun.Of("agent", "snapshot", "--url", await Start());
        run.ExitCode.Should().Be(ExitCode.Failed);
        run.Error.Should().Contain("503").And.Contain("only begun");
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", "is not a node agent")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>", "is not a node agent")]
    [InlineData("HTTP/1.1 302 Found\r\nLocation: http://elsewhere.example/\r\nContent-Length: 0\r\n\r\n", "answers 302")]
    [InlineData("HTTP/1.1 500 Oops\r\nContent-Length: 4\r\n\r\n\u001b[2J", "answers 500: [2J")]
    [InlineData("SSH-2.0-OpenSSH_9.9\r\n", "cannot be asked")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n{", "cannot be asked")]
    public async Task Somebody_else_who_answers_is_told_apart(string answer, string message)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = Task.Run(
            async () =>
            {
                using var client = await listener.AcceptTcpClientAsync(Cancellation);
                var stream = client.GetStream();
                _ = await stream.ReadAsync(new byte[4096], Cancellation);
                await stream.WriteAsync(Encoding.ASCII.GetBytes(answer), Cancellation);
            },
            Cancellation);
        var run = await CliRun.Of("agent", "snapshot", "--url", $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");
        await serving;
        run.ExitCode.Should().Be(ExitCode.Failed);
        run.Error.Should().Contain(message).And.NotContain("\u001b");
    }

    private static HeatmapAnswer Ready(PodName pod) => new(HeatmapAvailability.Ready, new PodHeatmap(
        pod, DateTimeOffset.UnixEpoch, [new TargetHeatmap(42, "main", TimeSpan.FromSeconds(20), MiB, [new AddressRange(0x1000, 0x3000)], [[0, 0.5, 1]])], 0));

    private async Task<string> Start(AgentHttpOptions? options = null)
    {
        _server = new AgentHttpServer(options ?? new AgentHttpOptions { Listen = new IPEndPoint(IPAddress.Loopback, 0) }, _view, new HostRoot(_folder.Path), TimeProvider.System, _ => { });
        (await _server.StartAsync(Cancellation)).Should().BeEmpty();
        return _server.Address!.GetLeftPart(UriPartial.Authority);
    }

    private sealed class View : IAgentView
    {
        private static readonly IdleHistogram Memory = new(800 * MiB, [100 * MiB, 50 * MiB, 25 * MiB, 12 * MiB, 6 * MiB, 3 * MiB]);

        public AgentFigures? Figures { get; set; } = new()
        {
            TakenAt = new DateTimeOffset(2026, 11, 23, 12, 0, 1, TimeSpan.Zero),
            StartedAt = new DateTimeOffset(2026, 11, 23, 11, 0, 0, TimeSpan.Zero),
            Node = "node-1",
            Version = "0.1.0",
            Kernel = "6.12.48-amd64",
            HasPlan = true,
            Mode = ClusterMode.Enforce,
            Own = new OwnFigures { CpuTime = TimeSpan.FromSeconds(12.25), ResidentBytes = 41 * MiB, Probes = 1_234_567, IntervalStretch = 1.5 },
            Memory = Memory,
            Sessions =
            [
                new SessionFigures
                {
                    Backend = MonitoringBackend.IdlePage,
                    Targets = 2,
                    Regions = 140,
                    Intervals = new(TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(60)),
                    DetectionLatency = TimeSpan.FromSeconds(20),
                },
            ],
            Schemes =
            [
                new SchemeFigures
                {
                    Name = "reclaim-cold-batch",
                    Action = ActionType.Pageout,
                    Mode = ClusterMode.Observe,
                    State = NodeSchemeState.Backoff,
                    Reason = "Pressure",
                    Containers = 1,
                    MatchedBytes = 46 * MiB,
                    DetectionLatency = TimeSpan.FromSeconds(140),
                    Effects = new SchemeEffects { WouldApplyBytes = 32 * MiB, WouldRefaultBytes = MiB },
                },
            ],
            Containers = new Dictionary<ContainerState, int> { [ContainerState.Monitored] = 1, [ContainerState.Protected] = 4 },
            Rails = [new RailFigures(SafetyRail.Pressure, 3, TimeSpan.FromSeconds(121.5)), new RailFigures(SafetyRail.StartGrace, 0, TimeSpan.Zero)],
            Pods = [new PodFigures { Pod = new PodName("batch", "worker-0"), Uid = "u-1", Containers = 1, Targets = 2, Memory = Memory, HeldBy = SafetyRail.Pressure }],
        };

        public long? LastTurn => null;

        public Func<PodName, HeatmapAnswer> Heatmaps { get; set; } = _ => new HeatmapAnswer(HeatmapAvailability.Recording, null);

        public HeatmapAnswer AskHeatmap(PodName pod) => Heatmaps(pod);
    }
}
