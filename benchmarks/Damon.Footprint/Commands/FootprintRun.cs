using System.Globalization;
using Damon.Engine.Host;
using Damon.Footprint.Agents;
using Damon.Footprint.Clusters;
using Damon.Footprint.Nodes;
using Damon.Footprint.Reports;

namespace Damon.Footprint.Commands;

/// <summary>Runs stages one after the other, each with a node, a server and an agent of its own, and gathers figures.</summary>
/// <param name="options">What to do.</param>
/// <param name="progress">Takes what is going on, for people.</param>
/// <param name="time">The clock.</param>
internal sealed class FootprintRun(FootprintOptions options, TextWriter progress, TimeProvider time)
{
    private const double MiB = 1 << 20;

    private static readonly TimeSpan AskEvery = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan ApplyPatience = TimeSpan.FromSeconds(60);

    /// <summary>As Prometheus does by default of its operator, and often enough to see the largest resident set.</summary>
    private static readonly TimeSpan ScrapeEvery = TimeSpan.FromSeconds(30);

    private readonly List<FootprintRow> _rows = [];
    private readonly List<string> _notMeasured = [];
    private string _server = "none";

    /// <summary>Runs.</summary>
    /// <param name="cancellation">Ends it, with everything that was started; the figures so far are lost.</param>
    public async Task<FootprintReport> RunAsync(CancellationToken cancellation)
    {
        foreach (var (name, command) in new[] { ("damon-agent", options.Shipped), ("damon-footprint-agent", options.Paced) })
        {
            var facts = BinaryFacts.Of(command[0]);
            _rows.Add(new FootprintRow("on disk", name, facts.Bytes / MiB, "MiB", Note: $"linked with {string.Join(", ", facts.Libraries)}"));
        }

        foreach (var stage in options.Stages)
        {
            try
            {
                await RunAsync(stage, cancellation);
            }
            catch (Exception failed) when (failed is AgentException or ClusterException or TimeoutException)
            {
                progress.WriteLine($"{stage.Name}: {failed.Message}");
                _notMeasured.Add($"{stage.Name}: {failed.Message.ReplaceLineEndings(" ")}");
            }
        }

        var shape = options.Shape;
        return new FootprintReport(
            options.Commit,
            time.GetUtcNow(),
            MachineFactsText.Read(new HostRoot()),
            _server,
            string.Create(CultureInfo.InvariantCulture, $"{shape.Pods} pods, {shape.Processes} processes of {shape.HeapBytes / MiB:0} MiB; {options.Schemes} schemes that observe; a look costs {options.Look.TotalMicroseconds:0.###} µs where it is paced"),
            _rows,
            _notMeasured);
    }

    private async Task RunAsync(Stage stage, CancellationToken cancellation)
    {
        progress.WriteLine($"{stage.Name}: starting the API server and making the node");
        await using IControlPlane server = options.UsesRealServer ? new KubeControlPlane() : new FakeControlPlane(time);
        await server.StartAsync(cancellation);
        _server = server.Description;
        using var processes = new SleepingProcesses(options.Shape.Processes, options.Settling + options.Measuring + TimeSpan.FromMinutes(5));
        using var node = new SimulatedNode(options.Shape, processes.Pids);
        var objects = new NodeObjects(server.Client);
        await objects.CreatePodsAsync(options.Shape, node, time.GetUtcNow() - TimeSpan.FromHours(1), cancellation);
        await objects.CreatePlanAsync(options.Schemes, stage.Regions ?? (options.RegionsPerPod, options.RegionsPerPod), cancellation);
        await using var accesses = new AccessClock(node, time);

        IReadOnlyList<string> program = stage.IsPaced
            ? [.. options.Paced, "--look-nanoseconds", options.Look.TotalNanoseconds.ToString("0", CultureInfo.InvariantCulture)]
            : options.Shipped;
        var ceiling = stage.CpuCeilingPercent is { } percent ? percent.ToString(CultureInfo.InvariantCulture) + "%" : null;
        await using var agent = new AgentUnderTest(program, server.Kubeconfig, node.Host.Folder, ceiling, time);
        try
        {
            await MeasureAsync(stage, agent, objects, cancellation);
        }
        catch (AgentException failed)
        {
            throw new AgentException($"{failed.Message}; the end of its log: {await agent.AbortAsync()}");
        }
    }

    private async Task MeasureAsync(Stage stage, AgentUnderTest agent, NodeObjects objects, CancellationToken cancellation)
    {
        await MeasureStartAsync(stage, agent, objects, cancellation);
        progress.WriteLine($"{stage.Name}: settling for {options.Settling.TotalSeconds} s, then measuring for {options.Measuring.TotalSeconds} s");
        await WatchAsync(agent, options.Settling, cancellation);
        await MeasureRunAsync(stage, agent, cancellation);
        var log = await agent.EndAsync(cancellation);
        if (log.Contains("\"level\":\"error\"", StringComparison.Ordinal))
        {
            throw new AgentException("the agent has met errors");
        }
    }

    private async Task MeasureStartAsync(Stage stage, AgentUnderTest agent, NodeObjects objects, CancellationToken cancellation)
    {
        while (await agent.AskAsync(cancellation) is not { } told || !told.HasApplied(options.Schemes, options.Shape.Processes))
        {
            if (agent.Age > ApplyPatience)
            {
                throw new AgentException($"the plan was not applied within {ApplyPatience.TotalSeconds} s; the last answer was {await agent.AskAsync(cancellation)}");
            }

            await Task.Delay(AskEvery, time, cancellation);
        }

        _rows.Add(new FootprintRow(stage.Name, "start to first plan applied", agent.Age.TotalSeconds, "s", Stage.MaxStartSeconds, "all processes looked at, as the agent's own snapshot tells"));
        while (!await objects.SaysAppliedAsync(options.Schemes, cancellation))
        {
            if (agent.Age > ApplyPatience)
            {
                throw new AgentException($"the status of the DamonNode did not say within {ApplyPatience.TotalSeconds} s that the plan is applied");
            }

            await Task.Delay(AskEvery * 10, time, cancellation);
        }

        _rows.Add(new FootprintRow(stage.Name, "start to status in the API server", agent.Age.TotalSeconds, "s", Note: "waits up to 5 s by chance, so that a thousand nodes do not write at once"));
    }

    private async Task MeasureRunAsync(Stage stage, AgentUnderTest agent, CancellationToken cancellation)
    {
        var toldBefore = await AskAsync(agent, cancellation);
        var before = agent.Figures();
        var began = time.GetTimestamp();
        await WatchAsync(agent, options.Measuring, cancellation);
        var after = agent.Figures();
        var seconds = time.GetElapsedTime(began).TotalSeconds;
        var told = await AskAsync(agent, cancellation);
        if (!stage.MayShed && !told.HasApplied(options.Schemes, options.Shape.Processes))
        {
            throw new AgentException($"the plan is not carried out in full any more: {told}");
        }

        var cpu = (after.Cpu - before.Cpu).TotalSeconds / seconds * 100;
        var looks = told.Probes - toldBefore.Probes;
        var looking = looks * options.Look.TotalSeconds / seconds * 100;
        _rows.Add(new FootprintRow(stage.Name, "CPU", cpu, "% of a core", stage.MaxCpuPercent, string.Create(CultureInfo.InvariantCulture, $"over {seconds:0} s; {(after.System - before.System).TotalSeconds / seconds * 100:0.00} % of it in the kernel")));
        _rows.Add(new FootprintRow(stage.Name, "CPU beside looking", cpu - looking, "% of a core", Note: string.Create(CultureInfo.InvariantCulture, $"{looks / seconds:0} looks a second at {options.Look.TotalMicroseconds:0.###} µs taken off")));
        _rows.Add(new FootprintRow(stage.Name, "resident, at the most", after.PeakBytes / MiB, "MiB", Stage.MaxResidentMiB, string.Create(CultureInfo.InvariantCulture, $"{after.ResidentBytes / MiB:0.0} at the end: {after.AnonymousBytes / MiB:0.0} anonymous, {after.FileBytes / MiB:0.0} of files; {after.Threads} threads")));
        _rows.Add(new FootprintRow(
            stage.Name, "anonymous memory gained", (after.AnonymousBytes - (double)before.AnonymousBytes) / MiB, "MiB", Stage.MaxGainMiB, "while it was measured: what grows is not at its size yet"));
        _rows.Add(new FootprintRow(stage.Name, "regions", told.Regions, "", Note: string.Create(CultureInfo.InvariantCulture, $"{(double)told.Regions / options.Shape.Pods:0} for each pod; {told.Targets} processes")));
        _rows.Add(new FootprintRow(stage.Name, "sample interval", told.Sample.TotalSeconds, "s", Note: string.Create(CultureInfo.InvariantCulture, $"aggregation {told.Aggregation.TotalSeconds:0.#} s; stretched {told.Stretch:0.00} times")));
        foreach (var scheme in told.Schemes.Where(scheme => scheme.DetectionLatency is not null))
        {
            _rows.Add(new FootprintRow(stage.Name, $"detection latency of {scheme.Name}", scheme.DetectionLatency!.Value.TotalSeconds, "s", Note: string.Create(CultureInfo.InvariantCulture, $"{scheme.MatchedBytes / MiB:0} MiB match now")));
        }
    }

    private static async Task<AgentTold> AskAsync(AgentUnderTest agent, CancellationToken cancellation) => await agent.AskAsync(cancellation) ?? throw new AgentException("the agent tells nothing any more");

    /// <summary>Waits, and asks for what is asked for in any cluster.</summary>
    private async Task WatchAsync(AgentUnderTest agent, TimeSpan span, CancellationToken cancellation)
    {
        var began = time.GetTimestamp();
        for (TimeSpan left; (left = span - time.GetElapsedTime(began)) > TimeSpan.Zero;)
        {
            await Task.Delay(left < ScrapeEvery ? left : ScrapeEvery, time, cancellation);
            await agent.ScrapeAsync(cancellation);
        }
    }
}
