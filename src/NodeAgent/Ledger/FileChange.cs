using Damon.Engine.Host;

namespace Damon.NodeAgent.Ledger;

/// <summary>A value that was written into a file of the kernel: a control group's, or a setting.</summary>
/// <param name="Scheme">The scheme's uid.</param>
/// <param name="Pod">The pod's uid.</param>
/// <param name="Path">The file, as on the host.</param>
/// <param name="Identity">What the path meant then: a control group that was made anew has files of its own.</param>
/// <param name="Before">What it said before.</param>
/// <param name="After">What it says afterwards, in the kernel's own form: some numbers are rounded to pages.</param>
internal sealed record FileChange(string Scheme, string Pod, string Path, FileIdentity Identity, string Before, string After) : LedgerChange(Scheme, Pod);
