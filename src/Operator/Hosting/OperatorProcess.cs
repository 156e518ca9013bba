using Damon.Hosting.Processes;
using Damon.Kubernetes.Informers;
using Damon.Kubernetes.Leases;
using Damon.Kubernetes.Requests;
using Damon.Kubernetes.Timing;
using Damon.Operator.Cluster;
using Damon.Operator.Controllers;
using Damon.Operator.Metrics;

namespace Damon.Operator.Hosting;

/// <summary>Runs an operator: stands for election, and works each term that it is elected for. A term that is lost is followed by standing again; one that ends by a fault ends the process.</summary>
internal sealed class OperatorProcess
{
    /// <summary>How long winding up may take: what is under way (10 s), the last events (5 s), and the lease. Below the 30 s that a kubelet gives.</summary>
    internal static readonly TimeSpan EndGrace = TimeSpan.FromSeconds(25);

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly ApiClient _client;
    private readonly TermSettings _settings;
    private readonly LeaderElector _elector;
    private readonly OperatorMeter _meter;
    private readonly UninstallWatch _uninstalls;
    private readonly JsonLog _log;
    private readonly TimeProvider _time;
    private readonly ulong _seed;
    private ContactLog? _contacts;
    private string? _toldHolder;

    /// <summary>Makes a process; nothing is sent until <see cref="RunAsync"/>.</summary>
    /// <param name="client">Sends the requests.</param>
    /// <param name="election">The lease.</param>
    /// <param name="settings">How terms are worked.</param>
    /// <param name="version">The operator's version.</param>
    /// <param name="log">The log.</param>
    /// <param name="time">The clock.</param>
    /// <param name="seed">Of all chance.</param>
    public OperatorProcess(ApiClient client, LeaderElectionOptions election, TermSettings settings, string version, JsonLog log, TimeProvider time, ulong seed)
    {
        (_client, _settings, _log, _time, _seed) = (client, settings, log, time, seed);
        _elector = new LeaderElector(client, election, time, seed);
        _meter = new OperatorMeter(log);
        _uninstalls = new UninstallWatch(time);
        View = new OperatorView(_elector, _meter, version, time);
    }

    /// <summary>What it tells about itself.</summary>
    public OperatorView View { get; }

    /// <summary>Runs until asked to end, or something that must not end has.</summary>
    /// <param name="stop">Asks to end.</param>
    /// <returns>An exit code.</returns>
    public async Task<int> RunAsync(CancellationToken stop)
    {
        var wakeup = new Wakeup(_time);
        var leading = CallingAsync(_elector.RunAsync(WorkTermAsync, stop), wakeup);
        _log.Info("The operator has started and stands for election.");
        using (stop.Register(wakeup.Call))
        {
            while (!stop.IsCancellationRequested && !leading.IsCompleted)
            {
                View.Turn();
                Tell();
                await wakeup.WaitAsync(LookEvery, CancellationToken.None);
            }
        }

        var isAsked = stop.IsCancellationRequested;
        if (isAsked)
            _log.Info("Asked to end: what is under way is ended, and the lease is given back.");
        else
            _log.Error("A term has ended by itself.");
        var hasEnded = await EndsInTimeAsync(leading);
        _log.Info("The operator has ended.");
        return isAsked && hasEnded ? OperatorExitCode.Ok : OperatorExitCode.Failed;
    }

    private static async Task CallingAsync(Task task, Wakeup wakeup)
    {
        try
        {
            await task;
        }
        finally
        {
            wakeup.Call();
        }
    }

    private async Task WorkTermAsync(CancellationToken cancellation)
    {
        _meter.TermBegun();
        _log.Info("This operator leads. It reads the cluster, and decides when it knows all of it.");

        // The lease is asked at each request, by the clock: a process that was stopped for longer than its lease writes nothing on waking, whatever its threads believe.
        using var term = new OperatorTerm(_client.Fenced(() => _elector.IsLeader), _settings, _meter, _uninstalls, _log, _time, _seed + ((ulong)_meter.Terms * 100));
        _contacts = new ContactLog(_log.Info, _log.Warn);
        View.SetTerm(term);
        try
        {
            await term.RunAsync(cancellation);
        }
        finally
        {
            View.SetTerm(null);
            foreach (var controller in _meter.Controllers)
                controller.Reset();
            _log.Info("The term is over.");
        }
    }

    /// <summary>What has changed since the last look.</summary>
    private void Tell()
    {
        if (View.Term is { } term)
            _contacts?.Look([.. term.Informers.Select(informer => (informer.Resource, informer.Health))]);
        if (View.Term is null && View.Holder is { Length: > 0 } holder && holder != _toldHolder)
            _log.Info($"{holder} leads; this operator stands by.");
        _toldHolder = View.Holder;
    }

    private async Task<bool> EndsInTimeAsync(Task leading)
    {
        var late = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var timer = _time.CreateTimer(static source => ((TaskCompletionSource)source!).TrySetException(new TimeoutException()), late, EndGrace, Timeout.InfiniteTimeSpan);
        var ending = ForwardAsync(leading, late);
        try
        {
            await late.Task;
            return true;
        }
        catch (TimeoutException)
        {
            _log.Error($"The term did not end within {EndGrace.TotalSeconds} s.");
        }
        catch (Exception e)
        {
            _log.Unexpected("a term has ended by a fault", e);
        }

        return false;

        static async Task ForwardAsync(Task task, TaskCompletionSource waiter)
        {
            try
            {
                await task;
                waiter.TrySetResult();
            }
            catch (Exception e)
            {
                waiter.TrySetException(e);
            }
        }
    }
}
