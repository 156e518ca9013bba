using Damon.Engine.Actions;
using Damon.Engine.Host;
using Damon.Engine.Regions;
using Damon.NodeAgent.Agent;

namespace Damon.NodeAgent.Tests.Agent;

/// <summary>Places of pages that a test decides: by default all of every range is in memory, on node 0.</summary>
internal sealed class FakePlaces : IPagePlaces
{
    /// <summary>Where each page lies; null for one that is not in memory.</summary>
    public Func<ulong, int?> NodeOf { get; set; } = _ => 0;

    public HostError Error { get; set; }

    /// <summary>One look ends after so many pages.</summary>
    public int MaxPages { get; set; } = int.MaxValue;

    /// <summary>Runs in every look.</summary>
    public Action? OnFind { get; set; }

    public List<AddressRange[]> Asked { get; } = [];

    public HostResult<ulong> Find(IReadOnlyList<AddressRange> ranges, ICollection<PlacedRange> found)
    {
        OnFind?.Invoke();
        Asked.Add([.. ranges]);
        found.Clear();
        if (Error.Kind != HostErrorKind.None)
        {
            return Error;
        }

        PlacedRange? run = null;
        var left = MaxPages;
        ulong? stoppedAt = null;
        foreach (var range in ranges)
        {
            for (var page = range.Start; page < range.End && stoppedAt is null; page += 4096)
            {
                if (left-- == 0)
                {
                    stoppedAt = page;
                    break;
                }

                var node = NodeOf(page);
                if (run is { } last && last.Node == node && last.Range.End == page)
                {
                    run = last with { Range = last.Range with { End = page + 4096 } };
                    continue;
                }

                if (run is { } whole)
                {
                    found.Add(whole);
                }

                run = node is { } on ? new PlacedRange(new AddressRange(page, page + 4096), on) : null;
            }
        }

        if (run is { } rest)
        {
            found.Add(rest);
        }

        return stoppedAt ?? ranges[^1].End;
    }
}
