using Damon.Engine.Host;
using Damon.Engine.Schemes;

namespace Damon.NodeAgent.Ledger;

/// <summary>
/// What this agent, and its predecessors since the machine booted, have changed and owe to put back. A change is written down before it is made and once more when it was; so wherever an agent ends,
/// its ledger owes no less than what was changed, and the next one puts it back. For one thread.
/// </summary>
/// <remarks>
/// The order is: <see cref="Begin"/>, which is refused where it cannot be written; the action; <see cref="Applied"/> or <see cref="NotApplied"/>. An intent without an outcome is owed: putting back
/// compares with what is there and does nothing where nothing was changed. After another boot nothing is owed: processes, control groups and settings of the kernel are gone.
/// </remarks>
internal sealed class ChangeLedger : IDisposable
{
    private const int UndoOutcomes = 5;

    /// <summary>Between the numbers of two changes, for what several of them amount to.</summary>
    private const ulong IdStep = 1UL << 20;

    private const int MaxIrreversible = 1024;

    private static readonly TimeSpan IrreversibleEvery = TimeSpan.FromMinutes(1);

    private readonly ILedgerDisk _disk;
    private readonly TimeProvider _time;
    private readonly LedgerBounds _bounds;
    private readonly string _bootId;
    private readonly SortedDictionary<ulong, Owed> _owed = [];
    private readonly Dictionary<(string Scheme, SchemeAction Action), ulong> _irreversible = [];
    private readonly HashSet<(string Scheme, SchemeAction Action)> _unwritten = [];
    private readonly List<byte> _buffer = [];
    private ulong _lastId;
    private long _length;
    private int _owedBytes;
    private bool _mustReplace;

    /// <summary>Changes are being put back one by one: none of them may become a part of another meanwhile.</summary>
    private bool _isUndoing;
    private long? _irreversibleAt;

    private ChangeLedger(ILedgerDisk disk, TimeProvider time, string bootId, LedgerBounds bounds) => (_disk, _time, _bootId, _bounds) = (disk, time, bootId, bounds);

    /// <summary>How many changes are owed.</summary>
    public int Count => _owed.Count;

    /// <summary>Bytes of the file that were no records, at its opening: more than a torn end can be means that changes may be owed that nobody knows of.</summary>
    public int DamagedBytes { get; private set; }

    /// <summary>Whether damage was found in front of a whole record: no torn end, but a file that something else has written to.</summary>
    public bool IsDamaged { get; private set; }

    /// <summary>Why the last record could not be written; empty where it could.</summary>
    public string LastError { get; private set; } = "";

    /// <summary>The changes that are owed, oldest first.</summary>
    public IEnumerable<LedgerChange> OwedChanges => _owed.Values.Select(owed => owed.Change);

    /// <summary>Reads what there is, and writes it anew without what is settled.</summary>
    /// <param name="disk">Where it is kept; disposed with this.</param>
    /// <param name="time">The clock.</param>
    /// <param name="bootId">/proc/sys/kernel/random/boot_id of the host.</param>
    /// <param name="bounds">How large it may become.</param>
    /// <returns>The ledger, or why what is there cannot be read: then nothing reversible must be done.</returns>
    /// <exception cref="ArgumentException">Without a boot's id nothing could be told from what an earlier boot left.</exception>
    public static HostResult<ChangeLedger> Open(ILedgerDisk disk, TimeProvider time, string bootId, LedgerBounds? bounds = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(bootId);
        var read = disk.Read();
        if (!read.TryGet(out var content))
        {
            return read.Error;
        }

        var ledger = new ChangeLedger(disk, time, bootId, bounds ?? LedgerBounds.Default);
        ledger.Replay(content);
        ledger.Compact();
        return ledger;
    }

    /// <summary>Writes down that a change is about to be made.</summary>
    /// <param name="change">The change.</param>
    /// <returns>Its number; null where it could not be written (<see cref="LastError"/>): then it must not be made.</returns>
    public ulong? Begin(LedgerChange change)
    {
        if (!LedgerFormat.Fits(change))
        {
            LastError = "a path or value is too long for the ledger";
            return null;
        }

        if (_owedBytes >= _bounds.MaxOwedBytes)
        {
            Compact();
            if (_owedBytes >= _bounds.MaxOwedBytes)
            {
                LastError = $"the ledger is full: {_owed.Count} changes are owed";
                return null;
            }
        }

        var id = ((_lastId / IdStep) + 1) * IdStep;
        if (!Append(new LedgerEntry(LedgerEntryKind.Intent, id) { Change = change }, out var bytes))
        {
            return null;
        }

        _lastId = id;
        _owed.Add(id, new Owed(change, IsApplied: false, bytes));
        _owedBytes += bytes;
        return id;
    }

    /// <summary>Writes down that a change was made.</summary>
    /// <param name="id">Its number.</param>
    /// <param name="readBack">Of a file, what it says now in the kernel's own form; null for what the intent said.</param>
    public void Applied(ulong id, string? readBack = null)
    {
        if (!_owed.TryGetValue(id, out var owed))
        {
            return;
        }

        var change = owed.Change is FileChange file && readBack is not null ? file with { After = readBack } : owed.Change;
        change = LedgerFormat.Fits(change) ? change : owed.Change;
        _owed[id] = owed with { Change = change, IsApplied = true };

        // Where this is not written the change is owed all the same.
        Append(new LedgerEntry(LedgerEntryKind.Applied, id) { Text = change is FileChange { After: var after } ? after : "" }, out _);
        CompactWhereLarge();
    }

    /// <summary>Writes down that a change was not made.</summary>
    /// <param name="id">Its number.</param>
    public void NotApplied(ulong id) => Settle(id);

    /// <summary>Counts what was done and is not taken back. It reaches the file once a minute: what a crash loses is a figure, nothing that is owed.</summary>
    /// <param name="scheme">The scheme's uid.</param>
    /// <param name="action">The action.</param>
    /// <param name="bytes">How much, as measured.</param>
    public void NoteIrreversible(string scheme, SchemeAction action, ulong bytes)
    {
        if (bytes == 0 || (_irreversible.Count >= MaxIrreversible && !_irreversible.ContainsKey((scheme, action))))
        {
            return;
        }

        var sum = _irreversible.GetValueOrDefault((scheme, action));
        _irreversible[(scheme, action)] = sum + Math.Min(bytes, ulong.MaxValue - sum);
        _unwritten.Add((scheme, action));
        if (_irreversibleAt is { } at && _time.GetElapsedTime(at) < IrreversibleEvery)
        {
            return;
        }

        _irreversibleAt = _time.GetTimestamp();
        foreach (var key in _unwritten)
        {
            Append(Total(key, _irreversible[key]), out _);
        }

        _unwritten.Clear();
        CompactWhereLarge();
    }

    /// <summary>Puts back what is owed, newest first.</summary>
    /// <param name="scope">What of it.</param>
    /// <param name="backend">What puts back.</param>
    /// <returns>What was done; what failed is still owed.</returns>
    public UndoReport Undo(LedgerScope scope, IChangeUndo backend)
    {
        // What was moved back and forth is moved once.
        Compact();
        Span<int> counts = stackalloc int[UndoOutcomes];
        _isUndoing = true;
        try
        {
            foreach (var (id, owed) in _owed.Reverse().ToList())
            {
                if (scope.Contains(owed.Change))
                {
                    var outcome = HandOver(id, owed.Change) ? UndoOutcome.AlreadyUndone : backend.Undo(owed.Change);
                    counts[(int)outcome]++;
                    if (outcome != UndoOutcome.Failed)
                    {
                        Settle(id);
                    }
                }
            }
        }
        finally
        {
            _isUndoing = false;
        }

        var irreversible = new Dictionary<SchemeAction, ulong>();
        foreach (var (key, bytes) in _irreversible.Where(pair => scope.Pod is null && (scope.Scheme is null || scope.Scheme == pair.Key.Scheme)).ToList())
        {
            irreversible[key.Action] = irreversible.GetValueOrDefault(key.Action) + bytes;
            _irreversible.Remove(key);
            _unwritten.Remove(key);
            Append(Total(key, 0), out _);
        }

        CompactWhereLarge();
        return new UndoReport(
            counts[(int)UndoOutcome.Undone], counts[(int)UndoOutcome.AlreadyUndone], counts[(int)UndoOutcome.Gone], counts[(int)UndoOutcome.Superseded],
            counts[(int)UndoOutcome.Failed], irreversible);
    }

    /// <inheritdoc/>
    public void Dispose() => _disk.Dispose();

    private static LedgerEntry Total((string Scheme, SchemeAction Action) key, ulong bytes) =>
        new(LedgerEntryKind.Irreversible, 0) { Text = key.Scheme, Action = key.Action, Bytes = bytes };

    /// <summary>
    /// A file that a later change, which stays, was made on top of is not written now: that change's own undoing has to lead back to where this one began. Written down before this one is settled, so that
    /// whoever comes in between finds both, and the later one leads to the same place.
    /// </summary>
    private bool HandOver(ulong id, LedgerChange change)
    {
        if (change is not FileChange file)
        {
            return false;
        }

        foreach (var (laterId, later) in _owed)
        {
            if (laterId > id && later.Change is FileChange above && above.Path == file.Path && above.Identity == file.Identity)
            {
                _owed[laterId] = later with { Change = above with { Before = file.Before } };
                Append(new LedgerEntry(LedgerEntryKind.Rebased, laterId) { Text = file.Before }, out _);
                return true;
            }
        }

        return false;
    }

    private void Settle(ulong id)
    {
        if (_owed.Remove(id, out var owed))
        {
            _owedBytes -= owed.Bytes;

            // Where this is not written it is undone again after a crash, which finds nothing to do.
            Append(new LedgerEntry(LedgerEntryKind.Settled, id), out _);
            CompactWhereLarge();
        }
    }

    private bool Append(LedgerEntry entry, out int bytes)
    {
        bytes = 0;
        if (_mustReplace && !Compact())
        {
            return false;
        }

        _buffer.Clear();
        LedgerFormat.Write(_buffer, entry);
        var error = _disk.WriteAt(_length, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_buffer));
        LastError = error.Kind == HostErrorKind.None ? "" : error.ToString();
        if (error.Kind != HostErrorKind.None)
        {
            // A part of it may be there, and longer than what is written over it next: the file is written anew before anything else is.
            _mustReplace = true;
            return false;
        }

        bytes = _buffer.Count;
        _length += bytes;
        return true;
    }

    private void Replay(ReadOnlySpan<byte> content)
    {
        var isThisBoot = false;
        while (LedgerFormat.TryRead(ref content, out var entry, out var damaged))
        {
            DamagedBytes += damaged;
            IsDamaged |= damaged > 0;
            _lastId = Math.Max(_lastId, entry.Id);
            switch (entry.Kind)
            {
                case LedgerEntryKind.Boot:
                    isThisBoot = entry.Text == _bootId;
                    break;
                case LedgerEntryKind.Intent when isThisBoot:
                    _owed[entry.Id] = new Owed(entry.Change!, IsApplied: false, 0);
                    break;
                case LedgerEntryKind.Applied when _owed.TryGetValue(entry.Id, out var owed):
                    _owed[entry.Id] = owed with { Change = owed.Change is FileChange file ? file with { After = entry.Text } : owed.Change, IsApplied = true };
                    break;
                case LedgerEntryKind.Rebased when _owed.TryGetValue(entry.Id, out var owed) && owed.Change is FileChange rebased:
                    _owed[entry.Id] = owed with { Change = rebased with { Before = entry.Text } };
                    break;
                case LedgerEntryKind.Settled:
                    _owed.Remove(entry.Id);
                    break;
                case LedgerEntryKind.Irreversible when isThisBoot && entry.Bytes > 0 && _irreversible.Count < MaxIrreversible:
                    _irreversible[(entry.Text, entry.Action)] = entry.Bytes;
                    break;
                case LedgerEntryKind.Irreversible:
                    _irreversible.Remove((entry.Text, entry.Action));
                    break;
            }
        }

        DamagedBytes += content.Length;
    }

    private void CompactWhereLarge()
    {
        if (_length > _bounds.CompactAboveBytes && _length > 4L * _owedBytes)
        {
            Compact();
        }
    }

    /// <summary>Writes the file anew with what is owed alone.</summary>
    private bool Compact()
    {
        if (!_isUndoing)
        {
            Merge();
        }

        var all = new List<byte>();
        LedgerFormat.Write(all, new LedgerEntry(LedgerEntryKind.Boot, _lastId) { Text = _bootId });
        var owedBytes = 0;
        foreach (var id in _owed.Keys.ToList())
        {
            var owed = _owed[id];
            var before = all.Count;
            LedgerFormat.Write(all, new LedgerEntry(LedgerEntryKind.Intent, id) { Change = owed.Change });
            if (owed.IsApplied)
            {
                LedgerFormat.Write(all, new LedgerEntry(LedgerEntryKind.Applied, id) { Text = owed.Change is FileChange file ? file.After : "" });
            }

            _owed[id] = owed with { Bytes = all.Count - before };
            owedBytes += all.Count - before;
        }

        foreach (var (key, bytes) in _irreversible)
        {
            LedgerFormat.Write(all, Total(key, bytes));
        }

        _owedBytes = owedBytes;
        var error = _disk.Replace(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(all));
        _mustReplace = error.Kind != HostErrorKind.None;
        LastError = _mustReplace ? error.ToString() : "";
        _length = _mustReplace ? _length : all.Count;
        return !_mustReplace;
    }

    /// <summary>
    /// Replaces changes of the same thing by what they amount to. A change whose outcome is not known is left as it is, and what came after it: that may or may not stand on it. What is put in place keeps
    /// its place in the order of undoing.
    /// </summary>
    private void Merge()
    {
        var moves = _owed.Where(pair => pair.Value.Change is PageMove).GroupBy(pair => ((PageMove)pair.Value.Change).Process).ToList();
        foreach (var process in moves)
        {
            MergeMoves([.. process.TakeWhile(pair => pair.Value.IsApplied)]);
        }

        var files = _owed.Where(pair => pair.Value.Change is FileChange).GroupBy(pair => ((FileChange)pair.Value.Change).Path).ToList();
        foreach (var file in files)
        {
            MergeFile([.. file.TakeWhile(pair => pair.Value.IsApplied)]);
        }
    }

    private void MergeMoves(IReadOnlyList<KeyValuePair<ulong, Owed>> applied)
    {
        if (applied.Count < 2)
        {
            return;
        }

        var net = new NetMoves();
        foreach (var (id, owed) in applied)
        {
            net.Add((PageMove)owed.Change);
            _owed.Remove(id);
        }

        net.Join();

        // The numbers between two changes are for this: there are more of them than moves that fit the ledger.
        var next = applied[0].Key;
        foreach (var move in net.Moves)
        {
            _owed.Add(next++, new Owed(move, IsApplied: true, 0));
        }
    }

    /// <summary>Of changes by one scheme that follow each other, the first one's beginning and the last one's end remain.</summary>
    private void MergeFile(IReadOnlyList<KeyValuePair<ulong, Owed>> applied)
    {
        ulong lastId = 0;
        FileChange? last = null;
        foreach (var (id, owed) in applied)
        {
            var change = (FileChange)owed.Change;
            if (last is null || last with { Before = change.Before, After = change.After } != change || last.After != change.Before)
            {
                (lastId, last) = (id, change);
                continue;
            }

            last = last with { After = change.After };
            _owed.Remove(id);
            if (last.Before == last.After)
            {
                _owed.Remove(lastId);
                last = null;
            }
            else
            {
                _owed[lastId] = _owed[lastId] with { Change = last };
            }
        }
    }

    private readonly record struct Owed(LedgerChange Change, bool IsApplied, int Bytes);
}
