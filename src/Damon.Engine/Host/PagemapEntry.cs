namespace Damon.Engine.Host;

/// <summary>One 64-bit entry of <c>/proc/PID/pagemap</c>: bits 0–54 the frame number, 56 mapped only here, 61 file page or shared memory, 62 swapped, 63 present (kernel documentation, admin-guide/mm/pagemap).</summary>
/// <param name="Bits">The entry as read.</param>
internal readonly record struct PagemapEntry(ulong Bits)
{
    public const int SizeBytes = sizeof(ulong);

    /// <summary>What helps where a process's file may not be opened: its mode lets only its own user read it, and the kernel asks besides whether the reader may look at the process.</summary>
    public const string Remedy = "CAP_SYS_PTRACE lets it be read, of another user's process together with CAP_DAC_READ_SEARCH";

    private const ulong FrameMask = (1UL << 55) - 1;

    public bool IsPresent => (Bits & (1UL << 63)) != 0;

    public bool IsSwapped => (Bits & (1UL << 62)) != 0;

    /// <summary>File page, or shared memory.</summary>
    public bool IsFileOrShared => (Bits & (1UL << 61)) != 0;

    /// <summary>No other process maps it.</summary>
    public bool IsExclusive => (Bits & (1UL << 56)) != 0;

    /// <summary>The physical frame; 0 also means that the reader lacks CAP_SYS_ADMIN, as frame 0 is never given to a process.</summary>
    public ulong Frame => IsPresent ? Bits & FrameMask : 0;
}
