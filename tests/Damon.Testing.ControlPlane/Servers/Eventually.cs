namespace Damon.Testing.ControlPlane.Servers;

/// <summary>Waits for what another process does: by looking again and again, up to a bound.</summary>
public static class Eventually
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(50);

    /// <summary>Waits until something holds.</summary>
    /// <param name="holds">Looked at every twentieth of a second.</param>
    /// <param name="what">What is waited for, for the message.</param>
    /// <param name="patience">The bound.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <param name="state">What there is instead, for the message.</param>
    /// <exception cref="TimeoutException">It did not come.</exception>
    public static async Task HoldsAsync(Func<Task<bool>> holds, string what, TimeSpan patience, CancellationToken cancellation, Func<string>? state = null)
    {
        var time = TimeProvider.System;
        var started = time.GetTimestamp();
        while (!await holds())
        {
            if (time.GetElapsedTime(started) >= patience)
                throw new TimeoutException($"In {patience} this did not come: {what}{(state is null ? "" : $"\n{state()}")}");
            await Task.Delay(LookEvery, time, cancellation);
        }
    }

    /// <inheritdoc cref="HoldsAsync(Func{Task{bool}}, string, TimeSpan, CancellationToken, Func{string}?)"/>
    public static Task HoldsAsync(Func<bool> holds, string what, TimeSpan patience, CancellationToken cancellation, Func<string>? state = null) =>
        HoldsAsync(() => Task.FromResult(holds()), what, patience, cancellation, state);
}
