using Damon.Engine.Host;
using Damon.Engine.Regions;

namespace Damon.NodeAgent.Ledger;

/// <summary>Pages of a process that were moved from one memory node to another.</summary>
/// <param name="Scheme">The scheme's uid.</param>
/// <param name="Pod">The pod's uid.</param>
/// <param name="Process">Whose pages; once it has ended nothing is owed.</param>
/// <param name="Range">Where they are. Every page of it that was in memory lay on <paramref name="From"/>: so that moving all of it back brings nothing to a node that it did not come from.</param>
/// <param name="From">The node they came from.</param>
/// <param name="To">The node they went to; <see cref="SeveralNodes"/> where several destinations share them.</param>
internal sealed record PageMove(string Scheme, string Pod, ProcessIdentity Process, AddressRange Range, int From, int To) : LedgerChange(Scheme, Pod)
{
    /// <summary>In place of one node: which page goes where is not written down. It leads back all the same.</summary>
    public const int SeveralNodes = -1;
}
