using Damon.Hosting.Processes;
using Damon.Kubernetes.Connections;
using Damon.Kubernetes.Leases;
using Damon.Kubernetes.Requests;
using Damon.Operator.Cluster;
using Damon.Operator.Hosting;
using Damon.Testing;
using Damon.Testing.ApiServer;

namespace Damon.Operator.Tests.Cluster;

/// <summary>An operator's process in a test: it can be ended, stopped and resumed, or killed.</summary>
internal sealed class OperatorHandle : IDisposable
{
    private readonly StoppableTransport _transport;
    private readonly CancellationTokenSource _stop = new();
    private readonly StringWriter _log = new();
    private readonly Task<int> _running;

    public OperatorHandle(OperatorBench bench, string name, TimeSpan skew, TermSettings settings, ulong seed)
    {
        Name = name;
        Clock = new ShiftedClock(bench.Loop, skew);
        _transport = new StoppableTransport(bench.Server);
        var connection = new ApiConnection(new Uri("http://fake.test"), new HttpMessageInvoker(_transport, disposeHandler: false), new NamedCredentials(name));
        var process = new OperatorProcess(
            new ApiClient(connection, new ApiClientOptions(), Clock),
            new LeaderElectionOptions(OperatorBench.Namespace, OperatorBench.LeaseName, name),
            settings,
            "1.2.3",
            new JsonLog(_log, Clock),
            Clock,
            seed);
        View = process.View;
        _running = process.RunAsync(_stop.Token);
    }

    public string Name { get; }

    public ShiftedClock Clock { get; }

    public OperatorView View { get; }

    /// <summary>Its log so far.</summary>
    public string Log => _log.ToString();

    /// <summary>As by SIGSTOP.</summary>
    public void Stop()
    {
        Clock.Stop();
        _transport.Stop();
    }

    /// <summary>As by SIGCONT.</summary>
    public void Resume()
    {
        _transport.Resume();
        Clock.Resume();
    }

    /// <summary>As by SIGKILL: what it had sent may still arrive, and nothing else of it is ever heard.</summary>
    public void Kill() => Stop();

    /// <summary>As by SIGTERM.</summary>
    public async Task<int> EndAsync()
    {
        _stop.Cancel();
        return await _running;
    }

    public void Dispose()
    {
        _stop.Dispose();
        _transport.Dispose();
        _log.Dispose();
    }
}
