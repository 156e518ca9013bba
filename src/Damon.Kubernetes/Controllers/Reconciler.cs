namespace Damon.Kubernetes.Controllers;

/// <summary>
/// Makes what a key names as it should be. It is told no event: it looks at what is, so that one call after many changes, or after a restart, does the same as one after each. What it throws counts as
/// failed.
/// </summary>
/// <typeparam name="TKey">Names what is to be looked at.</typeparam>
/// <param name="key">What to look at.</param>
/// <param name="cancellation">The process must end now; a stop waits for running calls before.</param>
public delegate ValueTask<ReconcileResult> Reconciler<in TKey>(TKey key, CancellationToken cancellation);
