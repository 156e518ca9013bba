namespace Damon.Kubernetes.Informers;

/// <summary>Tells when a kind of object cannot be followed any more, and when it can again: once each, not as long as it lasts.</summary>
/// <param name="info">Takes what is well again.</param>
/// <param name="warn">Takes what is not well.</param>
public sealed class ContactLog(Action<string> info, Action<string> warn)
{
    private readonly HashSet<string> _failing = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _undecodable = new(StringComparer.Ordinal);

    /// <summary>Looks at how informers stand.</summary>
    /// <param name="health">Of each kind.</param>
    public void Look(IReadOnlyList<(string Resource, InformerHealth Health)> health)
    {
        foreach (var (resource, state) in health)
        {
            // One failure is an everyday matter: a watch that was reset is open again in a second.
            if (state is { Failure: { } failure, ConsecutiveFailures: > 1 })
            {
                if (_failing.Add(resource))
                {
                    warn($"{resource} cannot be followed, and the last known stay in force: {failure}");
                }
            }
            else if (state.Failure is null && _failing.Remove(resource))
            {
                info($"{resource} are followed again.");
            }

            var bad = string.Join(", ", state.Undecodable.Select(pair => $"{pair.Key} ({pair.Value})").Order(StringComparer.Ordinal));
            if (bad.Length > 0 && _undecodable.GetValueOrDefault(resource, "") != bad)
            {
                warn($"{resource} that cannot be read keep their last good version: {bad}");
            }

            _undecodable[resource] = bad;
        }
    }
}
