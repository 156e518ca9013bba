using System.Runtime.InteropServices;

namespace Damon.Hosting.Processes;

/// <summary>SIGTERM and SIGINT: the first asks to end, the second ends.</summary>
public sealed class StopSignals : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Action _onSecond;
    private readonly List<PosixSignalRegistration> _registrations = [];
    private int _signals;

    /// <summary>Makes it; signals are taken from <see cref="Listen"/> on.</summary>
    /// <param name="onSecond">Ends the process.</param>
    public StopSignals(Action onSecond) => _onSecond = onSecond;

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Stop => _stop.Token;

    /// <summary>Takes the process's signals.</summary>
    public void Listen()
    {
        foreach (var signal in (PosixSignal[])[PosixSignal.SIGTERM, PosixSignal.SIGINT])
        {
            _registrations.Add(PosixSignalRegistration.Create(signal, context =>
            {
                // The runtime would end the process, and nothing would be wound up.
                context.Cancel = true;
                Take();
            }));
        }
    }

    /// <summary>A signal has come.</summary>
    public void Take()
    {
        if (Interlocked.Increment(ref _signals) == 1)
        {
            _stop.Cancel();
        }
        else
        {
            _onSecond();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _registrations.ForEach(registration => registration.Dispose());
        _stop.Dispose();
    }
}
