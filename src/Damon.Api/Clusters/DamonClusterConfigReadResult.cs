using Damon.Api.Manifests;

namespace Damon.Api.Clusters;

/// <summary>What was read of the cluster's configuration.</summary>
/// <param name="Config">The configuration; null where anything is wrong or not known here.</param>
/// <param name="Mode">
/// The mode, even where something else is wrong: a kill switch must not depend on the rest. Null where it cannot be read; its default where it is not given.
/// </param>
/// <param name="Errors">What is wrong or not known here; empty where there is a configuration.</param>
public sealed record DamonClusterConfigReadResult(DamonClusterConfig? Config, ClusterMode? Mode, IReadOnlyList<ManifestError> Errors);
