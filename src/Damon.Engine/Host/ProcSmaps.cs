namespace Damon.Engine.Host;

/// <summary>
/// The mappings of <c>/proc/PID/smaps</c> (proc(5)), one after the other, without allocating. Fields this code does not know are passed over: kernels add
/// some in nearly every release.
/// </summary>
public ref struct ProcSmaps
{
    private ReadOnlySpan<byte> _rest;
    private SmapsEntry _current;

    private ProcSmaps(ReadOnlySpan<byte> content) => _rest = content;

    /// <summary>The mapping the enumeration stands at.</summary>
    public readonly SmapsEntry Current => _current;

    /// <summary>Lines that were neither a mapping nor a field, or a known field with an impossible value.</summary>
    public int MalformedLines { get; private set; }

    /// <summary>Starts at the first mapping.</summary>
    /// <param name="content">The whole file.</param>
    public static ProcSmaps Enumerate(ReadOnlySpan<byte> content) => new(content);

    /// <summary>Makes <c>foreach</c> work.</summary>
    public readonly ProcSmaps GetEnumerator() => this;

    /// <summary>Goes to the next mapping.</summary>
    public bool MoveNext()
    {
        _current = default;
        while (ProcText.TryTakeLine(ref _rest, out var line))
        {
            if (ProcMapping.TryParse(line, out var mapping))
            {
                _current.Mapping = mapping;
                ReadFields();
                return true;
            }

            MalformedLines++;
        }

        return false;
    }

    private void ReadFields()
    {
        var hasRss = false;
        var hasReferenced = false;

        // A field's name starts with a capital letter, a mapping with a lower-case hexadecimal digit.
        while (!_rest.IsEmpty && _rest[0] is >= (byte)'A' and <= (byte)'Z')
        {
            _ = ProcText.TryTakeLine(ref _rest, out var line);
            if (!ProcText.TrySplitField(line, out var name, out var value) || !TakeField(name, value, ref hasRss, ref hasReferenced))
            {
                MalformedLines++;
            }
        }

        _current.IsComplete = hasRss && hasReferenced;
    }

    private bool TakeField(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, ref bool hasRss, ref bool hasReferenced)
    {
        ulong bytes;
        switch (name.Length)
        {
            case 3 when name.SequenceEqual("Rss"u8):
                hasRss = ProcText.TryParseKilobytes(value, out bytes);
                _current.RssBytes = bytes;
                return hasRss;
            case 3 when name.SequenceEqual("Pss"u8):
                var hasPss = ProcText.TryParseKilobytes(value, out bytes);
                _current.PssBytes = bytes;
                return hasPss;
            case 4 when name.SequenceEqual("Swap"u8):
                var hasSwap = ProcText.TryParseKilobytes(value, out bytes);
                _current.SwapBytes = bytes;
                return hasSwap;
            case 6 when name.SequenceEqual("Locked"u8):
                var hasLocked = ProcText.TryParseKilobytes(value, out bytes);
                _current.LockedBytes = bytes;
                return hasLocked;
            case 9 when name.SequenceEqual("Anonymous"u8):
                var hasAnonymous = ProcText.TryParseKilobytes(value, out bytes);
                _current.AnonymousBytes = bytes;
                return hasAnonymous;
            case 10 when name.SequenceEqual("Referenced"u8):
                hasReferenced = ProcText.TryParseKilobytes(value, out bytes);
                _current.ReferencedBytes = bytes;
                return hasReferenced;
            case 13 when name.SequenceEqual("AnonHugePages"u8):
                var hasHuge = ProcText.TryParseKilobytes(value, out bytes);
                _current.AnonHugePagesBytes = bytes;
                return hasHuge;
            case 7 when name.SequenceEqual("VmFlags"u8):
                _current.Traits = ParseTraits(value);
                return true;
            default:
                return true;
        }
    }

    private static MappingTraits ParseTraits(ReadOnlySpan<byte> words)
    {
        var flags = MappingTraits.None;
        while (ProcText.TryTakeWord(ref words, out var word))
        {
            flags |= word.Length != 2 ? MappingTraits.None
                : word.SequenceEqual("lo"u8) ? MappingTraits.Locked
                : word.SequenceEqual("io"u8) ? MappingTraits.Io
                : word.SequenceEqual("pf"u8) ? MappingTraits.PageFrames
                : word.SequenceEqual("ht"u8) ? MappingTraits.HugeTlb
                : word.SequenceEqual("hg"u8) ? MappingTraits.HugePageAdvised
                : word.SequenceEqual("nh"u8) ? MappingTraits.NoHugePageAdvised
                : MappingTraits.None;
        }

        return flags;
    }
}
