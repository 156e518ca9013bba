namespace Damon.Engine.Regions;

/// <summary>
/// The storage behind a <see cref="RegionTable"/>: one array per field, because a sampling pass touches two or three fields of every
/// region and nothing else. Two of these take turns: a pass that changes the number of rows writes into the other one, so no pass
/// moves rows one by one and none allocates once the arrays have grown.
/// </summary>
internal sealed class RegionColumns
{
    private int _ledgers;

    public RegionColumns(int capacity, int ledgers)
    {
        _ledgers = ledgers;
        Start = new ulong[capacity];
        End = new ulong[capacity];
        SampleAddress = new ulong[capacity];
        Accesses = new uint[capacity];
        LastAccesses = new uint[capacity];
        Age = new uint[capacity];
        PartlyAccessed = new uint[capacity];
        Ledger = new ulong[capacity * ledgers];
    }

    public int Count { get; set; }

    public ulong[] Start;
    public ulong[] End;
    public ulong[] SampleAddress;
    public uint[] Accesses;
    public uint[] LastAccesses;
    public uint[] Age;
    public uint[] PartlyAccessed;

    /// <summary>Bytes per row and scheme that Observe has counted as acted on; row-major.</summary>
    public ulong[] Ledger;

    public void EnsureCapacity(int capacity)
    {
        if (capacity <= Start.Length)
        {
            return;
        }

        var grown = Math.Max(capacity, Start.Length * 2);
        Array.Resize(ref Start, grown);
        Array.Resize(ref End, grown);
        Array.Resize(ref SampleAddress, grown);
        Array.Resize(ref Accesses, grown);
        Array.Resize(ref LastAccesses, grown);
        Array.Resize(ref Age, grown);
        Array.Resize(ref PartlyAccessed, grown);
        Array.Resize(ref Ledger, grown * _ledgers);
    }

    /// <summary>Gives the ledgers other columns.</summary>
    /// <param name="from">For each new column the old one whose counts it takes over; −1 for an empty one.</param>
    public void RemapLedgers(ReadOnlySpan<int> from)
    {
        var remapped = new ulong[Start.Length * from.Length];
        for (var row = 0; row < Count; row++)
        {
            for (var column = 0; column < from.Length; column++)
            {
                remapped[(row * from.Length) + column] = from[column] < 0 ? 0 : Ledger[(row * _ledgers) + from[column]];
            }
        }

        Ledger = remapped;
        _ledgers = from.Length;
    }

    /// <summary>Appends a row with an empty ledger.</summary>
    public int Append(in Region region)
    {
        EnsureCapacity(Count + 1);
        var row = Count++;
        Start[row] = region.Start;
        End[row] = region.End;
        SampleAddress[row] = region.Start;
        Accesses[row] = region.Accesses;
        LastAccesses[row] = region.LastAccesses;
        Age[row] = region.Age;
        PartlyAccessed[row] = region.PartlyAccessed;
        LedgerOf(row).Clear();
        return row;
    }

    /// <summary>
    /// Appends a part of another storage's row: its statistics as they are, its ledger by the share of the row's bytes that are in the part. A part
    /// that is stretched beyond the row holds memory that is new: the row's age counts for the bytes that have it, or memory that was just mapped
    /// beside an old region would at once be as old.
    /// </summary>
    public int AppendPart(RegionColumns source, int sourceRow, ulong start, ulong end)
    {
        var region = source.Read(sourceRow);
        var kept = Math.Min(end, region.End) - Math.Max(start, region.Start);
        var row = Append(region with { Start = start, End = end, Age = (uint)Share(region.Age, kept, end - start) });
        var whole = region.SizeBytes;
        var from = source.LedgerOf(sourceRow);
        var to = LedgerOf(row);
        for (var i = 0; i < from.Length; i++)
        {
            to[i] = Share(from[i], kept, whole);
        }

        return row;
    }

    public Span<ulong> LedgerOf(int row) => Ledger.AsSpan(row * _ledgers, _ledgers);

    public Region Read(int row) => new(Start[row], End[row], Accesses[row], LastAccesses[row], Age[row], PartlyAccessed[row]);

    /// <summary>bytes × part / whole, without overflow; nothing where the part lies outside the whole.</summary>
    public static ulong Share(ulong bytes, ulong part, ulong whole) =>
        bytes == 0 || whole == 0 ? 0 : part >= whole ? bytes : (ulong)((UInt128)bytes * part / whole);
}
