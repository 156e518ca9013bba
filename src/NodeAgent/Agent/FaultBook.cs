namespace Damon.NodeAgent.Agent;

/// <summary>Exceptions that nothing expects: counted, logged, and what they were about is left alone for a while.</summary>
/// <param name="time">The clock.</param>
/// <param name="log">Where they are told.</param>
internal sealed class FaultBook(TimeProvider time, IAgentLog log)
{
    /// <summary>A bug that comes with a container comes again with it; the container's next start has another id and is tried at once.</summary>
    private static readonly TimeSpan IsolatedFor = TimeSpan.FromMinutes(10);

    private readonly Dictionary<string, long> _isolated = new(StringComparer.Ordinal);

    /// <summary>How many there were.</summary>
    public ulong Count { get; private set; }

    /// <summary>The latest, for people; empty where there was none.</summary>
    public string Last { get; private set; } = "";

    /// <summary>Notes one.</summary>
    /// <param name="what">What was being done.</param>
    /// <param name="exception">The exception.</param>
    public void Add(string what, Exception exception)
    {
        Count++;
        Last = $"{what}: {exception.GetType().Name}: {exception.Message}";
        log.Unexpected(what, exception);
    }

    /// <summary>Notes one that a container brought about, which is left alone from now on.</summary>
    public void Isolate(string runtimeId, string what, Exception exception)
    {
        Add($"{what} of {runtimeId}", exception);
        _isolated[runtimeId] = time.GetTimestamp();
    }

    /// <summary>Whether a container is left alone.</summary>
    public bool IsIsolated(string runtimeId) => _isolated.TryGetValue(runtimeId, out var since) && time.GetElapsedTime(since) < IsolatedFor;

    /// <summary>Forgets containers that are not there any more.</summary>
    public void Keep(IReadOnlySet<string> runtimeIds)
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
