namespace Damon.Engine.Regions;

/// <summary>A growing list of ranges that keeps its memory when cleared, so that a periodic re-read of an address space allocates nothing once it has grown.</summary>
public sealed class AddressRangeList
{
    private AddressRange[] _ranges = new AddressRange[64];

    /// <summary>How many ranges there are.</summary>
    public int Count { get; private set; }

    /// <summary>The ranges, in the order in which they were added.</summary>
    public ReadOnlySpan<AddressRange> Ranges => _ranges.AsSpan(0, Count);

    /// <summary>Forgets every range and keeps the memory.</summary>
    public void Clear() => Count = 0;

    /// <summary>Adds a range behind the last one.</summary>
    /// <param name="range">The range; an empty one is ignored.</param>
    public void Add(AddressRange range)
    {
        if (range.End <= range.Start)
        {
            return;
        }

        if (Count == _ranges.Length)
        {
            Array.Resize(ref _ranges, Count * 2);
        }

        _ranges[Count++] = range;
    }
}
