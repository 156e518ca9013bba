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
    /// <param name="filters">Only pages that these let through are within reach. Where they are not empty, <see cref="SchemeAction.Stat"/> too looks at pages.</param>
    /// <returns>
    /// <see cref="ActionOutcome.Applied"/> when it was measured, else why not; <see cref="ActionOutcome.Unsupported"/> or <see cref="ActionOutcome.Denied"/> where a filter cannot be judged:
    /// memory that it would hold back must not be touched for that.
    /// </returns>
    ActionOutcome Measure(MemoryAction action, AddressRange range, ulong maxBytes, out Reach reach, PageFilters filters = default);

    /// <summary>Applies an action to ranges and measures the effect.</summary>
    /// <param name="action">The action.</param>
    /// <param name="ranges">Page aligned, ascending, without overlaps.</param>
    /// <param name="filters">Of the ranges, only pages that these let through now are acted on. Judged anew, because pages change between measuring and acting.</param>
    /// <returns>What it did.</returns>
    ActionResult Apply(MemoryAction action, ReadOnlySpan<AddressRange> ranges, PageFilters filters = default);

    /// <summary>
    /// Ends a look at a range: for filters on young pages, those are young from now on that are accessed after this call. Kept apart from <see cref="Measure"/>, or a page that was held back for
    /// being young would be old when <see cref="Apply"/> judges it again.
    /// </summary>
    /// <param name="range">What was looked at.</param>
    /// <param name="filters">By which filters; nothing happens where none asks for young pages.</param>
    /// <returns><see cref="ActionOutcome.Applied"/>, or why the look could not be ended: its pages then stay young.</returns>
    ActionOutcome EndLook(AddressRange range, PageFilters filters) => ActionOutcome.Applied;
}
