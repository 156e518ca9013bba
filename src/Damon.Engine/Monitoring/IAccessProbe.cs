using Damon.Engine.Regions;

namespace Damon.Engine.Monitoring;

/// <summary>
/// The port through which a session asks "was it accessed?" of one target (one process address space). The engine's core does no IO of its own:
/// what is behind this port reads page tables, files or a simulated memory.
/// </summary>
/// <remarks>
/// A session calls <see cref="ReadAddressSpace"/> now and then, and in each sample interval <see cref="Prepare"/>, then, one interval later,
/// <see cref="Check"/>, always from one thread. Implementations allocate nothing in <see cref="Prepare"/> and <see cref="Check"/> once their buffers have grown.
/// </remarks>
public interface IAccessProbe : IDisposable
{
    /// <summary>What one observation speaks about.</summary>
    ProbeGranularity Granularity { get; }

    /// <summary>Why the last call did not return <see cref="ProbeOutcome.Ok"/>, for people; empty after a success.</summary>
    string LastError { get; }

    /// <summary>Reads which address ranges the target has now.</summary>
    /// <param name="ranges">Is cleared, then filled in ascending order, without overlaps.</param>
    /// <returns><see cref="ProbeOutcome.Ok"/> or why there are no ranges.</returns>
    ProbeOutcome ReadAddressSpace(AddressRangeList ranges);

    /// <summary>Clears the accessed state of what is sampled.</summary>
    /// <param name="addresses">One address per region, ascending.</param>
    /// <returns><see cref="ProbeOutcome.Ok"/> or why nothing was cleared.</returns>
    ProbeOutcome Prepare(ReadOnlySpan<ulong> addresses);

    /// <summary>Looks whether what <see cref="Prepare"/> cleared has been accessed since.</summary>
    /// <param name="starts">The regions' first addresses, ascending.</param>
    /// <param name="ends">The regions' ends.</param>
    /// <param name="addresses">The same addresses as given to <see cref="Prepare"/>.</param>
    /// <param name="seen">One observation per region, written by the probe.</param>
    /// <returns><see cref="ProbeOutcome.Ok"/> or why <paramref name="seen"/> holds nothing.</returns>
    ProbeOutcome Check(ReadOnlySpan<ulong> starts, ReadOnlySpan<ulong> ends, ReadOnlySpan<ulong> addresses, Span<AccessObservation> seen);
}
