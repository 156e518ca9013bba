namespace Damon.NodeAgent.Agent;

/// <summary>Whose memory the schemes of the node may act on, decided on the loop's thread for the kernel's. Never changes once it is made.</summary>
/// <param name="DecidedAt">When, by the agent's clock: what is old is not acted on.</param>
/// <param name="ByScheme">The containers of each scheme, by its name in the kernel's plan.</param>
/// <param name="MostLeavingBytes">What all schemes together may take from memory with what is granted next.</param>
internal sealed record NodeTargets(long DecidedAt, IReadOnlyDictionary<string, IReadOnlyList<NodeTarget>> ByScheme, ulong MostLeavingBytes = ulong.MaxValue);
