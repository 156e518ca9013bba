using Damon.Kubernetes.Informers;
using Damon.Kubernetes.Requests;

namespace Damon.NodeAgent.Cluster;

/// <summary>
/// Watches over a kind that every API server has. That it is not found is said by something else, such as a proxy in front of a server that is being replaced; an informer then empties its store, and
/// that must not look as if the node had no pods.
/// </summary>
/// <param name="calm">After so long of good answers the store is believed again: it is filled object by object.</param>
internal sealed class DisownedKind(TimeSpan calm)
{
    private bool _isDisowned;
    private TimeSpan? _goodSince;

    /// <summary>Whether it was disowned and good answers are coming again.</summary>
    public bool IsPending => _goodSince is not null;

    /// <summary>Whether what the store has is not to be believed.</summary>
    /// <param name="health">How the kind's informer stands.</param>
    /// <param name="now">The time.</param>
    public bool Judge(InformerHealth health, TimeSpan now)
    {
        if (health.Failure is { Kind: ApiFailureKind.NotFound })
        {
            (_isDisowned, _goodSince) = (true, null);
        }
        else if (_isDisowned && health.Failure is not null)
        {
            // Some other failure after it: the store is as empty as it was.
            _goodSince = null;
        }
        else if (_isDisowned)
        {
            _goodSince ??= now;
            if (now - _goodSince >= calm)
            {
                (_isDisowned, _goodSince) = (false, null);
            }
        }

        return _isDisowned;
    }
}
