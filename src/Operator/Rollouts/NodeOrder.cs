namespace Damon.Operator.Rollouts;

/// <summary>
/// The order in which nodes come to a scheme: the same after every restart and in every version of the operator, and another one for each scheme, so that not the same nodes are always first.
/// </summary>
public static class NodeOrder
{
    /// <summary>Where a node stands; ties are decided by name.</summary>
    /// <param name="schemeUid">The scheme.</param>
    /// <param name="node">The node's name.</param>
    public static ulong Of(string schemeUid, string node)
    {
        // FNV-1a over both texts, and the finalizer of SplitMix64, without which names that differ in their last digit stay neighbours.
        var hash = Add(Add(14695981039346656037UL, schemeUid) * 1099511628211UL, node);
        hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9UL;
        hash = (hash ^ (hash >> 27)) * 0x94d049bb133111ebUL;
        return hash ^ (hash >> 31);
    }

    private static ulong Add(ulong hash, string text)
    {
        foreach (var c in text)
            hash = (hash ^ c) * 1099511628211UL;
        return hash;
    }
}
