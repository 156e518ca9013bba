using Damon.Engine.Regions;
using Damon.Engine.Schemes;

namespace Damon.Engine.Monitoring;

/// <summary>The port through which a session changes the memory of one target. Called from the session's thread only.</summary>
public interface IMemoryActor : IDisposable
{
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
