namespace Damon.NodeAgent.Agent;

/// <summary>Exceptions that nothing expects: counted, logged, and what they were about is left alone for a while. For all threads: looks are carried out on others than the loop's.</summary>
/// <param name="time">The clock.</param>
/// <param name="log">Where they are told.</param>
internal sealed class FaultBook(TimeProvider time, IAgentLog log)
{
    /// <summary>A bug that comes with a container comes again with it; the container's next start has another id and is tried at once.</summary>
    private static readonly TimeSpan IsolatedFor = TimeSpan.FromMinutes(10);

    /// <summary>Guards all below: a look that fails on its thread is noted while the loop reads.</summary>
    private readonly Lock _gate = new();
    private readonly Dictionary<string, long> _isolated = new(StringComparer.Ordinal);
    private ulong _count;
    private string _last = "";

    /// <summary>How many there were.</summary>
    public ulong Count
    {
        get
        {
            lock (_gate)
            {
                return _count;
            }
        }
    }

    /// <summary>The latest, for people; empty where there was none.</summary>
    public string Last
    {
        get
        {
            lock (_gate)
            {
                return _last;
            }
        }
    }

    /// <summary>Notes one.</summary>
    /// <param name="what">What was being done.</param>
    /// <param name="exception">The exception.</param>
    public void Add(string what, Exception exception)
    {
        lock (_gate)
        {
            _count++;
            _last = $"{what}: {exception.GetType().Name}: {exception.Message}";
        }

        log.Unexpected(what, exception);
    }

    /// <summary>Notes one that a container brought about, which is left alone from now on.</summary>
    public void Isolate(string runtimeId, string what, Exception exception)
    {
        Add($"{what} of {runtimeId}", exception);
        lock (_gate)
        {
            _isolated[runtimeId] = time.GetTimestamp();
        }
    }

    /// <summary>Whether a container is left alone.</summary>
    public bool IsIsolated(string runtimeId)
    {
        lock (_gate)
        {
            return _isolated.TryGetValue(runtimeId, out var since) && time.GetElapsedTime(since) < IsolatedFor;
        }
    }

    /// <summary>Forgets containers that are not there any more.</summary>
    public void Keep(IReadOnlySet<string> runtimeIds)
    {
        lock (_gate)
        {
            foreach (var runtimeId in _isolated.Keys)
            {
                if (!runtimeIds.Contains(runtimeId))
                {
                    _isolated.Remove(runtimeId);
                }
            }
        }
    }
}
