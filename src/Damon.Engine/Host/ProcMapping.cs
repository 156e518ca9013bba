namespace Damon.Engine.Host;

/// <summary>One line of <c>/proc/PID/maps</c>, for example <c>5603d3b06000-5603d3b08000 r--p 00000000 fe:00 247270    /usr/bin/cat</c>. Valid as long as the buffer it was read from.</summary>
public readonly ref struct ProcMapping
{
    private ProcMapping(ulong start, ulong end, MappingPermissions permissions, ulong offset, uint major, uint minor, ulong inode, ReadOnlySpan<byte> path)
    {
        Start = start;
        End = end;
        Permissions = permissions;
        OffsetBytes = offset;
        DeviceMajor = major;
        DeviceMinor = minor;
        Inode = inode;
        Path = path;
        Kind = KindOf(path);
    }

    /// <summary>First address.</summary>
    public ulong Start { get; }

    /// <summary>First address after the mapping; always above <see cref="Start"/>.</summary>
    public ulong End { get; }

    /// <summary>What the process may do.</summary>
    public MappingPermissions Permissions { get; }

    /// <summary>Where in the file the mapping starts.</summary>
    public ulong OffsetBytes { get; }

    /// <summary>Major number of the file's device.</summary>
    public uint DeviceMajor { get; }

    /// <summary>Minor number of the file's device.</summary>
    public uint DeviceMinor { get; }

    /// <summary>The file's inode, 0 without a file.</summary>
    public ulong Inode { get; }

    /// <summary>The name as written: the kernel escapes newlines in it; empty for anonymous memory.</summary>
    public ReadOnlySpan<byte> Path { get; }

    /// <summary>What is behind it.</summary>
    public MappingKind Kind { get; }

    /// <summary>
    /// Whether pages that could be watched or reclaimed can be in it. Reserved address space (no permission at all) is left out: runtimes reserve terabytes so. A mapping can
    /// lose its permissions and keep its pages; those are then not accessed by definition and reappear here when the permissions do.
    /// </summary>
    public bool CanHoldPages =>
        (Permissions & (MappingPermissions.Read | MappingPermissions.Write | MappingPermissions.Execute)) != MappingPermissions.None
        && Kind is not (MappingKind.Kernel or MappingKind.Device or MappingKind.HugeTlb);

    /// <summary>Whether its pages can only leave memory by going to swap, for the pages that a file is behind. (Private copies always need swap.)</summary>
    public bool NeedsSwap => Kind != MappingKind.File;

    internal static bool TryParse(ReadOnlySpan<byte> line, out ProcMapping mapping)
    {
        mapping = default;
        var rest = line;
        if (!ProcText.TryTakeWord(ref rest, out var range) || !TryParsePair(range, (byte)'-', out var start, out var end) || end <= start
            || !ProcText.TryTakeWord(ref rest, out var letters) || !TryParsePermissions(letters, out var permissions)
            || !ProcText.TryTakeWord(ref rest, out var offsetWord) || !ProcText.TryParseHex(offsetWord, out var offset)
            || !ProcText.TryTakeWord(ref rest, out var device) || !TryParsePair(device, (byte)':', out var major, out var minor)
            || major > uint.MaxValue || minor > uint.MaxValue
            || !ProcText.TryTakeWord(ref rest, out var inodeWord) || !ProcText.TryParseNumber(inodeWord, out var inode))
        {
            return false;
        }

        mapping = new ProcMapping(start, end, permissions, offset, (uint)major, (uint)minor, inode, ProcText.SkipSpace(rest));
        return true;
    }

    private static bool TryParsePair(ReadOnlySpan<byte> word, byte separator, out ulong first, out ulong second)
    {
        first = second = 0;
        var at = word.IndexOf(separator);
        return at > 0 && ProcText.TryParseHex(word[..at], out first) && ProcText.TryParseHex(word[(at + 1)..], out second);
    }

    private static bool TryParsePermissions(ReadOnlySpan<byte> letters, out MappingPermissions permissions)
    {
        permissions = MappingPermissions.None;
        if (letters.Length != 4)
        {
            return false;
        }

        return Take(letters[0], (byte)'r', (byte)'-', MappingPermissions.Read, ref permissions)
            && Take(letters[1], (byte)'w', (byte)'-', MappingPermissions.Write, ref permissions)
            && Take(letters[2], (byte)'x', (byte)'-', MappingPermissions.Execute, ref permissions)
            && Take(letters[3], (byte)'s', (byte)'p', MappingPermissions.Shared, ref permissions);
    }

    private static bool Take(byte letter, byte set, byte unset, MappingPermissions flag, ref MappingPermissions permissions)
    {
        permissions |= letter == set ? flag : MappingPermissions.None;
        return letter == set || letter == unset;
    }

    private static MappingKind KindOf(ReadOnlySpan<byte> path)
    {
        if (path.IsEmpty || path.StartsWith("[anon:"u8))
        {
            return MappingKind.Anonymous;
        }

        if (path[0] == (byte)'[')
        {
            return path.SequenceEqual("[heap]"u8) ? MappingKind.Heap
                : path.StartsWith("[stack"u8) ? MappingKind.Stack
                : path.StartsWith("[anon_shmem"u8) ? MappingKind.SharedMemory
                : path.StartsWith("[vdso"u8) || path.StartsWith("[vvar"u8) || path.StartsWith("[vsyscall"u8) || path.StartsWith("[vectors"u8) || path.StartsWith("[sigpage"u8) || path.StartsWith("[uprobes"u8)
                    ? MappingKind.Kernel
                : MappingKind.Other;
        }

        return path.StartsWith("/memfd:"u8) || path.StartsWith("/SYSV"u8) || path.StartsWith("/dev/shm/"u8) || path.StartsWith("/dev/zero"u8) ? MappingKind.SharedMemory
            : path.StartsWith("/anon_hugepage"u8) || path.StartsWith("/dev/hugepages"u8) ? MappingKind.HugeTlb
            : path.StartsWith("/dev/"u8) || path.StartsWith("anon_inode:"u8) || path.StartsWith("/dmabuf:"u8) ? MappingKind.Device
            : MappingKind.File;
    }
}
