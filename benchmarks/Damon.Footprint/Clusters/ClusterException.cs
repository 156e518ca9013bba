namespace Damon.Footprint.Clusters;

/// <summary>The cluster could not be had, so nothing can be measured; the message says why.</summary>
/// <param name="message">For people.</param>
internal sealed class ClusterException(string message) : Exception(message);
