namespace Damon.NodeAgent.Ledger;

/// <summary>Something that was changed on the host and can be put back. What cannot is <see cref="Reversibility"/>'s to say, and is only counted.</summary>
/// <param name="Scheme">The scheme's uid; empty for none.</param>
/// <param name="Pod">The pod's uid; empty for none.</param>
internal abstract record LedgerChange(string Scheme, string Pod);
