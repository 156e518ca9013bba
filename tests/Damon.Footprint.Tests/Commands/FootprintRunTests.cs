using System.Diagnostics.CodeAnalysis;
using Damon.Footprint.Commands;
using Damon.Footprint.Nodes;
using Damon.Testing;
using Damon.Testing.ControlPlane.Servers;

namespace Damon.Footprint.Tests.Commands;

/// <summary>The whole way, small and with programs that are not compiled ahead of time: whether figures come of it, not which.</summary>
public class FootprintRunTests
{
    private static readonly string[] Figures = ["start to first plan applied", "start to status in the API server", "CPU", "CPU beside looking", "resident, at the most", "anonymous memory gained", "regions", "sample interval"];

    [Fact]
    public Task Over_the_fake_server_a_stage_brings_all_figures() => RunAsync(usesRealServer: false, Stage.All[^1]);

    [Fact]
    public Task Over_a_kube_apiserver_a_stage_brings_all_figures()
    {
        if (ControlPlaneAssets.WhyNot(ControlPlaneAssets.KubeApiServer) is { } reason)
        {
            Assert.Skip(reason);
        }

        return RunAsync(usesRealServer: true, Stage.All[0]);
    }

    [Fact]
    [SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "Looks whether children of the run are there still.")]
    public async Task Interrupted_it_ends_what_it_has_started()
    {
        using var interrupt = new CancellationTokenSource();
        var before = Children();
        var during = new HashSet<string>();
        using var progress = new Watcher(line =>
        {
            if (line.Contains("settling", StringComparison.Ordinal))
            {
                during.UnionWith(Children());
                interrupt.Cancel();
            }
        });
        var running = new FootprintRun(Options(usesRealServer: false), progress, TimeProvider.System).RunAsync(interrupt.Token);
        await running.Invoking(async run => await run).Should().ThrowAsync<OperationCanceledException>();
        during.Except(before).Should().NotBeEmpty("an agent has to be there to be ended");
        Children().Except(before).Should().BeEmpty();
    }

    private static async Task RunAsync(bool usesRealServer, Stage stage)
    {
        using var progress = new StringWriter();
        var report = await new FootprintRun(Options(usesRealServer) with { Stages = [stage] }, progress, TimeProvider.System).RunAsync(TestContext.Current.CancellationToken);

        report.NotMeasured.Should().BeEmpty("{0}", progress);
        report.Server.Should().Contain("TLS");
        var rows = report.Rows.Where(row => row.Stage == stage.Name).ToList();
        rows.Select(row => row.Figure).Should().Contain(Figures).And.Contain(figure => figure.StartsWith("detection latency of ", StringComparison.Ordinal));
        rows.Where(row => row.Figure is "start to first plan applied" or "CPU" or "resident, at the most" or "regions").Should().OnlyContain(row => row.Value > 0);
        rows.Should().OnlyContain(row => double.IsFinite(row.Value));
    }

    private static FootprintOptions Options(bool usesRealServer)
    {
        string Built(string project, string program) => Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", project, Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/')), program + ".dll"));
        return new FootprintOptions
        {
            Shipped = [DotnetHost.ProgramPath, Built("Damon.Agent", "damon-agent")],
            Paced = [DotnetHost.ProgramPath, Built("Damon.Footprint.Agent", "damon-footprint-agent")],
            Shape = new NodeShape(Pods: 3, ProcessesPerPod: 2, HeapBytes: 8 << 20),
            RegionsPerPod = 20,
            Settling = TimeSpan.Zero,
            Measuring = TimeSpan.FromSeconds(1),
            UsesRealServer = usesRealServer,
        };
    }

    // A child is listed with the thread that started it.
    [SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "Looks whether children of the run are there still.")]
    private static HashSet<string> Children() => [.. Directory.GetDirectories("/proc/self/task").SelectMany(ChildrenOfThread)];

    [SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "Looks whether children of the run are there still.")]
    private static IEnumerable<string> ChildrenOfThread(string thread)
    {
        try
        {
            return File.ReadAllText(thread + "/children").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        }
        catch (IOException)
        {
            // The thread has ended; its children are another's now.
            return [];
        }
    }

    private sealed class Watcher(Action<string> onLine) : StringWriter
    {
        public override void WriteLine(string? value) => onLine(value ?? "");
    }
}
