namespace Damon.Engine.Schemes;

/// <summary>
/// Which destination each page goes to: a function of the page's place alone, so that a page that has been moved is found where it belongs when it is looked at again.
/// The rule is that of DAMON's weighted destinations (Linux 6.17).
/// </summary>
public static class MigrationPlacement
{
    /// <summary>What <see cref="NodeOf"/> gives where pages stay where they are.</summary>
    public const int Stays = -1;

    /// <summary>The index of the folio that a page belongs to.</summary>
    /// <param name="pageIndex">The page's place in what is mapped, in base pages: in its file, or in the address space for anonymous memory.</param>
    /// <param name="order">The folio has two to the power of this many base pages; from 0 to 63.</param>
    public static ulong FolioIndex(ulong pageIndex, int order) => pageIndex >> order;

    /// <summary>The memory node of a folio: its index modulo the sum of the weights, counted off along the destinations.</summary>
    /// <param name="folioIndex">See <see cref="FolioIndex"/>.</param>
    /// <param name="destinations">The destinations; a negative weight counts as 0.</param>
    /// <returns>The node; <see cref="Stays"/> where the weights are all 0 or there is no destination.</returns>
    public static int NodeOf(ulong folioIndex, IReadOnlyList<MigrationDestination> destinations)
    {
        ulong sum = 0;
        for (var i = 0; i < destinations.Count; i++)
        {
            sum += WeightOf(destinations[i]);
        }

        if (sum == 0)
        {
            return Stays;
        }

        var slot = folioIndex % sum;
        for (var i = 0; ; i++)
        {
            var weight = WeightOf(destinations[i]);
            if (slot < weight)
            {
                return destinations[i].Node;
            }

            slot -= weight;
        }
    }

    private static ulong WeightOf(in MigrationDestination destination) => (ulong)Math.Max(0, destination.Weight);
}
