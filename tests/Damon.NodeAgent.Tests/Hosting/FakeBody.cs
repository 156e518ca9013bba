using Damon.Api.Nodes;
using Damon.NodeAgent.Cluster;
using Damon.NodeAgent.Hosting;
using Damon.NodeAgent.Metrics;
using Damon.NodeAgent.Plans;
using Damon.NodeAgent.Safety;
using Damon.NodeAgent.Tests.Cluster;
using Damon.NodeAgent.Tests.Metrics;

namespace Damon.NodeAgent.Tests.Hosting;

/// <summary>A loop that does nothing but follow its plan and end as it is told.</summary>
internal sealed class FakeBody : IAgentBody
{
    private readonly ManualResetEventSlim _mayEnd = new(initialState: true);
    private volatile bool _isUndone;

    public FakeBody(TimeProvider time) => Sink = new RecordingSink(new PlanIntake(time, ClusterBench.NodeName));

    public IClusterSink Sink { get; }

    public bool IsUndone => _isUndone;

    public bool IsDisposed { get; private set; }

    public Exception? Fault { get; init; }

    /// <summary>Set when the loop is asked to end; undoing then waits for <see cref="Release"/> where <see cref="Hold"/> was called.</summary>
    public TaskCompletionSource Ending { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Hold() => _mayEnd.Reset();

    public void Release() => _mayEnd.Set();

    public void Run(CancellationToken cancellation)
    {
        if (Fault is not null)
        {
            throw Fault;
        }

        cancellation.WaitHandle.WaitOne();
        Ending.TrySetResult();
        _mayEnd.Wait(CancellationToken.None);
        _isUndone = true;
    }

    public NodeReport? Report() => new()
    {
        ObservedGeneration = 1,
        Schemes = [new SchemeReport { Name = "cold", AppliedHash = "h", State = NodeSchemeState.Observing }],
    };

    public IAgentView View { get; } = new FakeAgentView();

    public IReadOnlyList<RailTransition> TakeTransitions() => [];

    public void Dispose()
    {
        IsDisposed = true;
        _mayEnd.Dispose();
    }
}
