namespace Damon.Footprint.Nodes;

/// <summary>Lets a simulated node's memory be accessed: hot memory ten times a second, warm memory every two seconds.</summary>
internal sealed class AccessClock : IAsyncDisposable
{
    private const int TicksPerWarmAccess = 20;
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    /// <summary>Begins.</summary>
    /// <param name="node">The node.</param>
    /// <param name="time">The clock.</param>
    public AccessClock(SimulatedNode node, TimeProvider time) => _running = RunAsync(node, time);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    private async Task RunAsync(SimulatedNode node, TimeProvider time)
    {
        using var timer = new PeriodicTimer(Tick, time);
        try
        {
            for (var tick = 0; await timer.WaitForNextTickAsync(_stop.Token); tick++)
            {
                node.Access(StripeKind.Hot);
                if (tick % TicksPerWarmAccess == 0)
                {
                    node.Access(StripeKind.Warm);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Asked to end.
        }
    }
}
