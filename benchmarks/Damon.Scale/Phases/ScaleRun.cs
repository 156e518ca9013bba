using Damon.Scale.Cluster;
using Damon.Scale.Commands;
using Damon.Scale.Measures;
using Damon.Scale.Reports;
using Damon.Testing.ControlPlane.Servers;

namespace Damon.Scale.Phases;

/// <summary>The run: a start with all schemes, a change without acting, a rollout, a time in which nothing happens, and one in which only figures get old.</summary>
/// <param name="options">How large it is.</param>
/// <param name="progress">Is told.</param>
/// <param name="report">Takes what is found.</param>
/// <param name="time">The clock.</param>
internal sealed class ScaleRun(ScaleOptions options, Progress progress, ScaleReport report, TimeProvider time) : IAsyncDisposable
{
    private const double MostSecondsUntilWritten = 60;
    private const double MostSecondsUntilEchoed = 120;
    private const double MostOperatorMebibytes = 250;
    private const double MostStatusWritesPerSecond = 10;
    private const int ChangedScheme = 2;
    private const int RolledOutScheme = 1;
    private const string ReconcileHistogram = "damon_operator_reconcile_duration_seconds";

    private static readonly TimeSpan StartPatience = TimeSpan.FromMinutes(8);
    private static readonly TimeSpan ChangePatience = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan RolloutPatience = TimeSpan.FromMinutes(15);

    /// <summary>After this nothing of the phase before is under way any more: agents' gaps between two writes (45 s), and an effect that the operator tells once a minute.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(70);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(250);

    private readonly ScaleCluster _cluster = new(options.WantsCurrentDefinitions, time);
    private int _lists;
    private int _expired;

    public async Task RunAsync(CancellationToken cancellation)
    {
        progress.Step("etcd and kube-apiserver are started, with our definitions and roles");
        await _cluster.StartServerAsync(cancellation);
        report.Machine["kubernetes"] = $"1.{await _cluster.Server.MinorVersionAsync(cancellation)}";
        report.Machine["our kinds are served by"] = _cluster.HasServerOfItsOwnKinds ? "crdserver behind it, a current server of custom resources" : "itself";

        progress.Step($"{options.Nodes} nodes with an agent's pod each are made");
        var made = 0;
        await _cluster.CreateNodesAsync(options.Nodes, Tell, cancellation);
        await _cluster.ApplyAsync(DamonKinds.Configs, "cluster", SchemeDocuments.Config(), cancellation);
        for (var scheme = 0; scheme < options.Schemes; scheme++)
            await ApplySchemeAsync(scheme, "Observe", ageMinutes: 2, cancellation);

        await StartAsync(cancellation);
        await RestAsync(cancellation);
        await ChangeAsync(cancellation);
        await RestAsync(cancellation);
        await RollOutAsync(cancellation);
        await RestAsync(cancellation);
        await BeQuietAsync(cancellation);
        await BeSteadyAsync(cancellation);

        report.Bars.Add(new Bar("The operator's memory at its peak", report.Phases[^1].OperatorPeakBytes / 1048576.0, MostOperatorMebibytes, "MiB"));
        report.Bars.Add(new Bar("Full lists after the start", _lists, 0, "lists", _expired == 0 ? "" : $"{_expired} watches had expired"));

        void Tell()
        {
            var sofar = Interlocked.Increment(ref made);
            progress.Tell(() => $"{sofar} of {options.Nodes}");
        }
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    /// <summary>The operator starts with everything to do: a plan of all schemes for each node.</summary>
    private async Task StartAsync(CancellationToken cancellation)
    {
        progress.Step($"the operator starts, with {options.Schemes} schemes for all nodes");
        Account(isStart: true);
        var before = await _cluster.ReadAsync(cancellation);
        _cluster.StartOperator(options.Seed);
        await UntilAsync(
            async () =>
            {
                var states = new List<SchemeState>();
                for (var scheme = 0; scheme < options.Schemes; scheme++)
                    states.Add(await _cluster.StateOfAsync(scheme, cancellation));
                progress.Tell(() => $"{_cluster.Agents.Written} statuses of nodes, {states.Count(state => state.IsReady)} schemes ready, {states.Min(state => state.Updated)} nodes have all");
                return states.TrueForAll(state => state.IsReady && state.Updated == options.Nodes);
            },
            "that all schemes are ready",
            StartPatience,
            cancellation);
        report.Phases.Add(Phase("start", before, await _cluster.ReadAsync(cancellation), isStart: true, []));
    }

    /// <summary>One scheme changes in what is looked for. Nothing acts, so it goes to all nodes at once.</summary>
    private async Task ChangeAsync(CancellationToken cancellation)
    {
        progress.Step("a scheme that observes is changed");
        var before = await BeginAsync(ChangedScheme, cancellation);
        await ApplySchemeAsync(ChangedScheme, "Observe", ageMinutes: 3, cancellation);
        await UntilAsync(
            () =>
            {
                progress.Tell(() => $"{_cluster.Tracker.Written} plans written, {_cluster.Tracker.Echoed} echoed");
                return Task.FromResult(_cluster.Tracker.Echoed == options.Nodes);
            },
            "that all nodes have echoed the change",
            ChangePatience,
            cancellation);
        var (written, echoed) = _cluster.Tracker.SecondsOf(1);
        var (halfWritten, halfEchoed) = _cluster.Tracker.SecondsOf(0.5);
        await UntilAsync(async () => (await _cluster.StateOfAsync(ChangedScheme, cancellation)).Updated == options.Nodes, "that the scheme's status says so", ChangePatience, cancellation);
        await EndAsync("change", before, new()
        {
            ["seconds until half of the plans were written"] = halfWritten,
            ["seconds until all plans were written"] = written,
            ["seconds until half were echoed"] = halfEchoed,
            ["seconds until all were echoed"] = echoed,
        }, cancellation);
        report.Bars.Add(new Bar("A change without acting: every DamonNode.spec is written", written, MostSecondsUntilWritten, "s"));
        report.Bars.Add(new Bar("A change without acting: every DamonNode has echoed it", echoed, MostSecondsUntilEchoed, "s"));
    }

    /// <summary>One scheme is told to act: canary, soak, two steps.</summary>
    private async Task RollOutAsync(CancellationToken cancellation)
    {
        progress.Step("a scheme is told to act, and rolled out");
        var before = await BeginAsync(RolledOutScheme, cancellation);
        await ApplySchemeAsync(RolledOutScheme, "Enforce", ageMinutes: 2, cancellation);
        var notes = new Dictionary<string, double>();
        var phase = "";
        await UntilAsync(
            async () =>
            {
                var state = await _cluster.StateOfAsync(RolledOutScheme, cancellation);
                if (state.Phase != phase && state.Phase.Length > 0 && state.ObservedGeneration == state.Generation)
                    notes.TryAdd($"seconds until the phase {phase = state.Phase}", time.GetElapsedTime(before.At).TotalSeconds);
                progress.Tell(() => $"{state.Phase}, acts on {state.Active} nodes");
                return state is { Phase: "Done" } && state.Active == options.Nodes && state.ObservedGeneration == state.Generation;
            },
            "the end of the rollout",
            RolloutPatience,
            cancellation);
        await EndAsync("rollout", before, notes, cancellation);
    }

    /// <summary>Nothing happens: kubelets tell that they live, leases are renewed, watches end and begin.</summary>
    private async Task BeQuietAsync(CancellationToken cancellation)
    {
        progress.Step($"nothing happens for {options.Quiet.TotalSeconds:F0} s");
        _cluster.StartHeartbeats();
        var phase = await WaitAsync("quiet", options.Quiet, cancellation);
        report.Bars.Add(new Bar("Reconciles while nothing changes", phase.Reconciles.Values.Sum(), 0, "looks", $"{options.Quiet.TotalSeconds:F0} s, with the heartbeats of all nodes"));
    }

    /// <summary>Nothing happens but that figures get old: each node writes its status once in ten minutes.</summary>
    private async Task BeSteadyAsync(CancellationToken cancellation)
    {
        progress.Step($"figures get old for {options.Steady.TotalSeconds:F0} s");
        _cluster.Agents.LetFiguresAge(true);
        var phase = await WaitAsync("steady", options.Steady, cancellation);
        _cluster.Agents.LetFiguresAge(false);
        var statuses = phase.AgentStatusWrites + phase.OperatorWrites.Where(pair => pair.Key.EndsWith("/status", StringComparison.Ordinal)).Sum(pair => pair.Value);
        report.Bars.Add(new Bar("Status writes of the whole cluster in steady state", statuses / phase.Seconds, MostStatusWritesPerSecond, "a second"));
    }

    private async Task<PhaseReport> WaitAsync(string name, TimeSpan span, CancellationToken cancellation)
    {
        var before = await _cluster.ReadAsync(cancellation);
        Account(isStart: false);
        await UntilAsync(
            () =>
            {
                progress.Tell(() => $"{time.GetElapsedTime(before.At).TotalSeconds:F0} of {span.TotalSeconds:F0} s");
                return Task.FromResult(time.GetElapsedTime(before.At) >= span);
            },
            name,
            span * 2,
            cancellation);
        return await EndAsync(name, before, [], cancellation);
    }

    private async Task RestAsync(CancellationToken cancellation)
    {
        progress.Step($"rest of {Rest.TotalSeconds:F0} s");
        await Task.Delay(Rest, time, cancellation);
        Account(isStart: false);
    }

    private async Task<Reading> BeginAsync(int scheme, CancellationToken cancellation)
    {
        Account(isStart: false);
        var before = await _cluster.ReadAsync(cancellation);
        _cluster.Tracker.Begin(SchemeDocuments.NameOf(scheme), _cluster.Agents.Plans);
        return before;
    }

    private async Task<PhaseReport> EndAsync(string name, Reading before, Dictionary<string, double> notes, CancellationToken cancellation)
    {
        var phase = Phase(name, before, await _cluster.ReadAsync(cancellation), isStart: false, notes);
        report.Phases.Add(phase);
        return phase;
    }

    private PhaseReport Phase(string name, Reading before, Reading after, bool isStart, Dictionary<string, double> notes)
    {
        var requests = Account(isStart);
        var reconciles = new Dictionary<string, double>();
        foreach (var (labels, value) in PrometheusText.Series(after.Metrics, ReconcileHistogram + "_count"))
        {
            var controller = PrometheusText.Label(labels, "controller") ?? "";
            reconciles[controller] = value - PrometheusText.Sum(before.Metrics, ReconcileHistogram + "_count", $"controller=\"{controller}\"");
        }

        return new PhaseReport(
            name,
            time.GetElapsedTime(before.At, after.At).TotalSeconds,
            Counts(requests.Where(request => request is { IsWrite: true, Resource: not "leases" })),
            Counts(requests.Where(request => !request.IsWrite && !request.IsContinued), withVerb: true),
            requests.Where(request => request.Code is 0 or >= 400).GroupBy(request => $"{request.Verb} {request.Resource} {request.Code}").ToDictionary(group => group.Key, group => group.Count()),
            after.AgentWrites - before.AgentWrites,
            after.Revision - before.Revision,
            after.StorageBytes - before.StorageBytes,
            after.BytesUp - before.BytesUp,
            after.BytesDown - before.BytesDown,
            (after.Operator.Cpu - before.Operator.Cpu).TotalSeconds,
            (after.ApiServerCpu - before.ApiServerCpu).TotalSeconds,
            (after.DefinitionsCpu - before.DefinitionsCpu).TotalSeconds,
            (after.EtcdCpu - before.EtcdCpu).TotalSeconds,
            (after.SimulationCpu - before.SimulationCpu).TotalSeconds,
            after.Operator.ResidentBytes,
            after.Operator.PeakResidentBytes,
            reconciles,
            OrNull(PrometheusText.Quantile(before.Metrics, after.Metrics, ReconcileHistogram, 0.5)),
            OrNull(PrometheusText.Quantile(before.Metrics, after.Metrics, ReconcileHistogram, 0.99)),
            notes);
    }

    /// <summary>Takes what the audit log has got since the last time, and counts what must not be there.</summary>
    private IReadOnlyList<AuditedRequest> Account(bool isStart)
    {
        var requests = _cluster.NewRequests();
        _expired += requests.Count(request => request.Code == 410);
        if (!isStart)
            _lists += requests.Count(request => request is { Verb: "list", IsContinued: false });
        return requests;
    }

    private Task ApplySchemeAsync(int scheme, string mode, int ageMinutes, CancellationToken cancellation) =>
        _cluster.ApplyAsync(DamonKinds.Schemes, SchemeDocuments.NameOf(scheme), SchemeDocuments.Scheme(scheme, mode, ageMinutes, options.Soak), cancellation);

    private async Task UntilAsync(Func<Task<bool>> holds, string what, TimeSpan patience, CancellationToken cancellation)
    {
        var began = time.GetTimestamp();
        while (!await holds())
        {
            if (_cluster.Operator.Process.HasExited)
                throw new InvalidOperationException($"The operator has ended: {_cluster.Operator.Process.Output}");
            if (time.GetElapsedTime(began) > patience)
                throw new TimeoutException($"In {patience} this did not come: {what}. The operator's last words: {Tail(_cluster.Operator.Process.Output)}");
            await Task.Delay(LookEvery, time, cancellation);
        }
    }

    private static string Tail(string output) => string.Join('\n', output.Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeLast(5));

    private static double? OrNull(double value) => double.IsNaN(value) ? null : value;

    private static Dictionary<string, int> Counts(IEnumerable<AuditedRequest> requests, bool withVerb = false) => requests
        .GroupBy(request => $"{(withVerb ? request.Verb + " " : "")}{request.Resource}{(request.Subresource.Length == 0 ? "" : "/" + request.Subresource)}")
        .ToDictionary(group => group.Key, group => group.Count(), StringComparer.Ordinal);
}
