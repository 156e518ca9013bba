using Damon.Engine.Regions;
using Damon.Engine.Schemes;

namespace Damon.Engine.Monitoring;

/// <summary>The port through which a session changes the memory of one target. Called from the session's thread only.</summary>
public interface IMemoryActor : IDisposable
{
    /// <summary>Why the last call did not do what was asked, for people: a rail's name, a missing right; empty after a success.</summary>
    string LastError { get; }

    /// <summary>Reads the size of the target's resident set, the basis of the floor.</summary>
    /// <param name="residentBytes">Bytes in memory.</param>
    /// <returns><see cref="ActionOutcome.Applied"/> when it was read, else why not.</returns>
    ActionOutcome ReadResident(out ulong residentBytes);

    /// <summary>Measures what an action could reach, from a range's start until a number of bytes is reached. Changes nothing.</summary>
    /// <param name="action">The action that would be applied.</param>
    /// <param name="range">The range, page aligned.</param>
    /// <param name="maxBytes">Stop behind the page that brings the reachable bytes to this number or above.</param>
    /// <param name="reach">What was found.</param>
    /// <returns><see cref="ActionOutcome.Applied"/> when it was measured, else why not.</returns>
    ActionOutcome Measure(SchemeAction action, AddressRange range, ulong maxBytes, out Reach reach);

    /// <summary>Applies an action to ranges and measures the effect.</summary>
    /// <param name="action">The action.</param>
    /// <param name="ranges">Page aligned, ascending, without overlaps.</param>
    /// <returns>What it did.</returns>
    ActionResult Apply(SchemeAction action, ReadOnlySpan<AddressRange> ranges);
}
