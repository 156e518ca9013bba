using Damon.Kubernetes.Objects;
using Damon.Kubernetes.Requests;

namespace Damon.Kubernetes.Informers;

/// <summary>How an informer stands with its server, at one moment.</summary>
/// <param name="Phase">What it is doing.</param>
/// <param name="IsSettled">Whether the store has been complete once.</param>
/// <param name="LastContact">When the server last said something about the objects, be it that nothing has changed or that their kind is not there; null for never.</param>
/// <param name="SinceLastContact">How long ago that is, by a clock that nobody sets; since the start where there was none.</param>
/// <param name="Failure">What went wrong last; null since the server has accepted a list or a watch again. <see cref="ApiFailure.IsLossOfServer"/> tells a server out of reach from one that answered.</param>
/// <param name="ConsecutiveFailures">How many times in a row.</param>
/// <param name="Lists">How many lists were read in full.</param>
/// <param name="Watches">How many watches were accepted.</param>
/// <param name="Undecodable">Objects whose newest version could not be decoded, and why; the store has their last good one, if there was one.</param>
public sealed record InformerHealth(
    InformerPhase Phase,
    bool IsSettled,
    DateTimeOffset? LastContact,
    TimeSpan SinceLastContact,
    ApiFailure? Failure,
    int ConsecutiveFailures,
    long Lists,
    long Watches,
    IReadOnlyDictionary<ObjectKey, string> Undecodable);
