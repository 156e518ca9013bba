using Damon.Operator.Schemes;

namespace Damon.Operator.Rollouts;

/// <summary>The version that a rollout goes back to.</summary>
/// <param name="Hash">Its hash, in the acting form.</param>
/// <param name="Generation">The scheme's generation then.</param>
/// <param name="Text">Its text.</param>
public sealed record FormerVersion(VersionHash Hash, long Generation, VersionText Text);
