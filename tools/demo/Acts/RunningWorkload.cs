using Damon.Demo.Children;
using Damon.Demo.Events;
using Damon.Demo.Measures;
using Damon.Demo.Reports;

namespace Damon.Demo.Acts;

/// <summary>The workload while it runs. Its events are read all the while, whatever the act does; disposing ends it.</summary>
internal sealed class RunningWorkload : IAsyncDisposable
{
    /// <summary>Filling half a gigabyte of files on a slow disk takes its time.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Should the demonstration be killed, so that it cannot end its children, the workload ends by itself after so long.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(3);

    private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(100);

    private readonly ChildProcess _child;
    private readonly TaskCompletionSource<WorkloadReady?> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<bool> _steady = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string _steadyPhase;
    private readonly Task _reading;

    /// <summary>Guards the windows: they are added by the reading task and looked at by the act.</summary>
    private readonly Lock _gate = new();
    private readonly List<ThroughputWindow> _windows = [];

    private RunningWorkload(ChildProcess child, string steadyPhase)
    {
        _child = child;
        _steadyPhase = steadyPhase;
        _reading = ReadAsync();
    }

    /// <summary>Where its memory lies.</summary>
    public WorkloadReady Ready { get; private set; } = new(0, []);

    /// <summary>The command line for a pattern.</summary>
    public static IReadOnlyList<string> Arguments(string pattern, string? directory) =>
    [
        pattern, "-o", "json", "--duration", Text.Option(Longest), "--report-every", Text.Option(Window),
        .. directory is null ? (string[])[] : ["--directory", directory],
    ];

    /// <summary>Starts it, and waits until it is in the phase that goes on.</summary>
    /// <param name="stage">The programs and the clock.</param>
    /// <param name="arguments">Its command line.</param>
    /// <param name="steadyPhase">The phase's name.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <returns>The workload, or why it did not get there.</returns>
    public static async Task<(RunningWorkload? Workload, string Refusal)> StartAsync(Stage stage, IReadOnlyList<string> arguments, string steadyPhase, CancellationToken cancellation)
    {
        using var tooLong = new CancellationTokenSource(Patience, stage.Time);
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellation, tooLong.Token);
        var workload = new RunningWorkload(stage.Programs.Start(stage.Programs.Workload, arguments, stage.Time), steadyPhase);
        string refusal;
        try
        {
            if (await workload._ready.Task.WaitAsync(waiting.Token) is { } ready && await workload._steady.Task.WaitAsync(waiting.Token))
            {
                workload.Ready = ready;
                return (workload, "");
            }

            refusal = $"damon-workload ended before phase '{steadyPhase}': {await workload._child.EndAsync(waiting.Token)}";
        }
        catch (OperationCanceledException) when (tooLong.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            refusal = $"damon-workload was not in phase '{steadyPhase}' after {Text.Seconds(Patience)}";
        }
        catch (OperationCanceledException)
        {
            await workload.DisposeAsync();
            throw;
        }

        await workload.DisposeAsync();
        return (null, refusal);
    }

    /// <summary>Its speed in a stretch of time.</summary>
    public Throughput SpeedWithin(ClockSpan span)
    {
        lock (_gate)
            return Throughput.Within(span, _windows);
    }

    /// <summary>What the engine's running cost it in a stretch of time.</summary>
    public PairedLoss LossWithin(ClockSpan span, EngineActivity activity)
    {
        lock (_gate)
            return PairedLoss.Of(span, _windows, activity);
    }

    public async ValueTask DisposeAsync()
    {
        await _child.DisposeAsync();
        await _reading;
    }

    private async Task ReadAsync()
    {
        while (await _child.ReadLineAsync(CancellationToken.None) is { } line)
        {
            switch (WorkloadEvent.Read(line))
            {
                case WorkloadReady ready:
                    _ready.TrySetResult(ready);
                    break;
                case WorkloadProgress progress when progress.Phase == _steadyPhase:
                    lock (_gate)
                        _windows.Add(new ThroughputWindow(progress.ToNanoseconds - (progress.Interval.Ticks * TimeSpan.NanosecondsPerTick), progress.ToNanoseconds, progress.AccessesPerSecond));
                    _steady.TrySetResult(true);
                    break;
            }
        }

        _ready.TrySetResult(null);
        _steady.TrySetResult(false);
    }
}
