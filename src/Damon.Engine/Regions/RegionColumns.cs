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
        Origin = new int[capacity];
    }

    public bool HasLedgers => _ledgers > 0;

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

    /// <summary>While rows are split or joined: of which row each new one is a part, or which row is the first in it. Means nothing afterwards.</summary>
    public int[] Origin;

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
        Array.Resize(ref Origin, grown);
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

    /// <summary>
    /// Makes of rows their parts, whose borders and <see cref="Origin"/> are written: each part has the statistics of the row it is a part of, and of its ledger the share of the bytes that
    /// are in the part. Column by column, from the last row to the first, as no part lies before its origin.
    /// </summary>
    /// <param name="parts">How many parts there are.</param>
    public void TakeParts(int parts)
    {
        var origins = Origin.AsSpan(0, parts);
        SpreadCounts(origins, Accesses.AsSpan(0, parts));
        Spread(origins, LastAccesses.AsSpan(0, parts));
        Spread(origins, Age.AsSpan(0, parts));
        SpreadCounts(origins, PartlyAccessed.AsSpan(0, parts));
        if (HasLedgers)
        {
            SpreadLedgers(origins);
        }

        Count = parts;
        Start.AsSpan(0, parts).CopyTo(SampleAddress);
    }

    private void SpreadLedgers(ReadOnlySpan<int> origins)
    {
        // A row's parts follow one another; from the last to the first, the row itself is overwritten by the last of them that is met.
        for (var end = origins.Length; end > 0;)
        {
            var origin = origins[end - 1];
            var first = end - 1;
            while (first > 0 && origins[first - 1] == origin)
            {
                first--;
            }

            var whole = End[end - 1] - Start[first];
            for (var s = 0; s < _ledgers; s++)
            {
                var bytes = Ledger[(origin * _ledgers) + s];
                for (var part = first; part < end; part++)
                {
                    Ledger[(part * _ledgers) + s] = Share(bytes, End[part] - Start[part], whole);
                }
            }

            end = first;
        }
    }

    /// <summary>Counts are all 0 at the beginning of an aggregation, when regions are split, and to see that is faster than to move them.</summary>
    private void SpreadCounts(ReadOnlySpan<int> origins, Span<uint> column)
    {
        if (column[..Count].ContainsAnyExcept(0u))
        {
            Spread(origins, column);
        }
        else
        {
            column.Clear();
        }
    }

    private static void Spread(ReadOnlySpan<int> origins, Span<uint> column)
    {
        for (var i = origins.Length - 1; i >= 0; i--)
        {
            column[i] = column[origins[i]];
        }
    }

    /// <summary>
    /// Closes up after rows were joined in groups: <see cref="Origin"/> has each group's first row; access counts and ages are in place already. The
    /// last count and the sample address are those of the first row.
    /// </summary>
    public void JoinGroups(int groups)
    {
        var heads = Origin.AsSpan(0, groups);
        if (PartlyAccessed.AsSpan(0, Count).ContainsAnyExcept(0u))
        {
            JoinPartlyAccessed(heads);
        }

        if (HasLedgers)
        {
            JoinLedgers(heads);
        }

        for (var group = 0; group < heads.Length; group++)
        {
            End[group] = End[(group + 1 < heads.Length ? heads[group + 1] : Count) - 1];
        }

        Gather(heads, Start);
        Gather(heads, SampleAddress);
        Gather(heads, LastAccesses);
        Count = groups;
    }

    /// <summary>Partly is a warning: what any part saw, the whole has seen.</summary>
    private void JoinPartlyAccessed(ReadOnlySpan<int> heads)
    {
        for (var group = 0; group < heads.Length; group++)
        {
            var next = group + 1 < heads.Length ? heads[group + 1] : Count;
            var most = 0u;
            for (var i = heads[group]; i < next; i++)
            {
                most = Math.Max(most, PartlyAccessed[i]);
            }

            PartlyAccessed[group] = most;
        }
    }

    private void JoinLedgers(ReadOnlySpan<int> heads)
    {
        for (var group = 0; group < heads.Length; group++)
        {
            var next = group + 1 < heads.Length ? heads[group + 1] : Count;
            var sums = LedgerOf(group);
            LedgerOf(heads[group]).CopyTo(sums);
            for (var i = heads[group] + 1; i < next; i++)
            {
                var added = LedgerOf(i);
                for (var s = 0; s < sums.Length; s++)
                {
                    sums[s] += added[s];
                }
            }
        }
    }

    private static void Gather<T>(ReadOnlySpan<int> heads, T[] column)
        where T : unmanaged
    {
        for (var i = 0; i < heads.Length; i++)
        {
            column[i] = column[heads[i]];
        }
    }

    /// <summary>Cuts a row in two where it lies: the rows behind it move on by one.</summary>
    /// <param name="row">The row.</param>
    /// <param name="address">The first address of the second part; inside the row.</param>
    public void InsertPart(int row, ulong address)
    {
        EnsureCapacity(Count + 1);
        var moved = Count - row;
        Array.Copy(Start, row, Start, row + 1, moved);
        Array.Copy(End, row, End, row + 1, moved);
        Array.Copy(SampleAddress, row, SampleAddress, row + 1, moved);
        Array.Copy(Accesses, row, Accesses, row + 1, moved);
        Array.Copy(LastAccesses, row, LastAccesses, row + 1, moved);
        Array.Copy(Age, row, Age, row + 1, moved);
        Array.Copy(PartlyAccessed, row, PartlyAccessed, row + 1, moved);
        Array.Copy(Ledger, row * _ledgers, Ledger, (row + 1) * _ledgers, moved * _ledgers);
        Count++;
        End[row] = address;
        Start[row + 1] = address;
        SampleAddress[row] = Start[row];
        SampleAddress[row + 1] = address;
        var whole = End[row + 1] - Start[row];
        var left = LedgerOf(row);
        var right = LedgerOf(row + 1);
        for (var s = 0; s < left.Length; s++)
        {
            var bytes = left[s];
            left[s] = Share(bytes, address - Start[row], whole);
            right[s] = Share(bytes, End[row + 1] - address, whole);
        }
    }

    public Span<ulong> LedgerOf(int row) => Ledger.AsSpan(row * _ledgers, _ledgers);

    public Region Read(int row) => new(Start[row], End[row], Accesses[row], LastAccesses[row], Age[row], PartlyAccessed[row]);

    /// <summary>bytes × part / whole, without overflow; nothing where the part lies outside the whole.</summary>
    public static ulong Share(ulong bytes, ulong part, ulong whole) =>
        bytes == 0 || whole == 0 ? 0 : part >= whole ? bytes : (ulong)((UInt128)bytes * part / whole);
}
