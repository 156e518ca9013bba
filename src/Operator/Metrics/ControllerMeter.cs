using Damon.Kubernetes.Controllers;

namespace Damon.Operator.Metrics;

/// <summary>Counts what a controller does, over all terms, and tells failures once. For any thread.</summary>
/// <param name="controller">Its name.</param>
/// <param name="warn">Takes a key that begins to fail.</param>
/// <param name="info">Takes a key that is well again.</param>
/// <param name="unexpected">Takes a bug.</param>
internal sealed class ControllerMeter(string controller, Action<string> warn, Action<string> info, Action<string, Exception> unexpected) : IControllerObserver<string>
{
    /// <summary>So many failing keys are told one by one; where there are more, one line says so.</summary>
    internal const int MostTold = 20;

    private readonly Lock _lock = new();
    private readonly HashSet<string> _failing = new(StringComparer.Ordinal);
    private bool _isManyTold;
    private long _succeeded;
    private long _failed;
    private long _thrown;

    /// <summary>Its name.</summary>
    public string Controller => controller;

    /// <summary>How long calls took.</summary>
    public DurationHistogram Durations { get; } = new();

    /// <summary>Calls after which all was well.</summary>
    public long Succeeded => Interlocked.Read(ref _succeeded);

    /// <summary>Calls that failed for now.</summary>
    public long Failed => Interlocked.Read(ref _failed);

    /// <summary>Calls that threw, which is a bug.</summary>
    public long Thrown => Interlocked.Read(ref _thrown);

    /// <inheritdoc/>
    public void Reconciled(string key, ReconcileResult result, TimeSpan took, Exception? exception)
    {
        Durations.Add(took);
        Interlocked.Increment(ref exception is OperationCanceledException || (exception is null && result.Error is not null) ? ref _failed : ref exception is not null ? ref _thrown : ref _succeeded);
        if (exception is not null and not OperationCanceledException)
            unexpected($"the {controller} {key} could not be looked at", exception);
        else if (exception is null)
            Tell(key, result.Error);
    }

    /// <summary>A term is over: what failed in it is not known to fail any more.</summary>
    public void Reset()
    {
        lock (_lock)
        {
            _failing.Clear();
            _isManyTold = false;
        }
    }

    private void Tell(string key, string? error)
    {
        lock (_lock)
        {
            if (error is null)
            {
                if (_failing.Remove(key) && !_isManyTold)
                    info($"The {controller} {key} is well again.");
                if (_failing.Count == 0 && _isManyTold)
                {
                    _isManyTold = false;
                    info($"All that failed of {controller}s is well again.");
                }

                return;
            }

            if (!_failing.Add(key))
                return;
            if (_failing.Count <= MostTold && !_isManyTold)
            {
                warn($"{error}. It is tried again.");
            }
            else if (!_isManyTold)
            {
                _isManyTold = true;
                warn($"{error}. So it is with more than {MostTold} {controller}s, of which no more are told; they are tried again.");
            }
        }
    }
}
