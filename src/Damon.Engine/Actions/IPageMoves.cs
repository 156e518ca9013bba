namespace Damon.Engine.Actions;

/// <summary>The one native call behind <see cref="PageMigrator"/>, so that tests can have nodes that this machine has not, and every failure the kernel knows.</summary>
internal interface IPageMoves
{
    /// <summary>The most pages of one call: it holds the process's memory lock for reading, and what has failed in it is told once.</summary>
    const int MaxPages = 512;

    /// <summary>Says on which node each page lies.</summary>
    /// <param name="pages">Addresses, at most <see cref="MaxPages"/>.</param>
    /// <param name="status">For each its node, or a negated errno.</param>
    /// <returns>0 or a negated errno.</returns>
    long Find(ReadOnlySpan<ulong> pages, Span<int> status);

    /// <summary>Moves pages that no other process maps.</summary>
    /// <param name="pages">Addresses, at most <see cref="MaxPages"/>.</param>
    /// <param name="nodes">For each where to.</param>
    /// <param name="status">For each the node it lies on now, or a negated errno; unchanged for pages that were not tried.</param>
    /// <returns>0, the number of pages that were not moved, or a negated errno.</returns>
    long Move(ReadOnlySpan<ulong> pages, ReadOnlySpan<int> nodes, Span<int> status);
}
