using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Tmds.Linux;

namespace Damon.Workload.Memory;

/// <summary>
/// A mapping with an inaccessible page before and after it. Without them the kernel merges neighbouring anonymous mappings into one, and a monitor that
/// works per mapping could no longer tell two regions apart.
/// </summary>
internal sealed unsafe class GuardedMapping : IDisposable
{
    private void* _reserved;
    private readonly ulong _reservedBytes;

    private GuardedMapping(void* reserved, ulong reservedBytes, ulong start, ulong sizeBytes)
    {
        _reserved = reserved;
        _reservedBytes = reservedBytes;
        Start = start;
        SizeBytes = sizeBytes;
    }

    public ulong Start { get; }

    public ulong SizeBytes { get; }

    /// <summary>Maps private anonymous memory, or a file as shared memory.</summary>
    /// <param name="sizeBytes">Whole pages.</param>
    /// <param name="alignmentBytes">What the start is a multiple of; a multiple of the page size.</param>
    /// <param name="file">The file to map from its beginning, or nothing for anonymous memory.</param>
    /// <param name="errorNumber">ENOMEM where the address space or the commit limit is used up; 0 on success.</param>
    /// <returns>Nothing where the kernel refused.</returns>
    public static GuardedMapping? TryCreate(ulong sizeBytes, ulong alignmentBytes, SafeFileHandle? file, out int errorNumber)
    {
        var guardBytes = (ulong)Environment.SystemPageSize;
        // One alignment more than needed: whatever address the kernel picks, an aligned start with a guard before it lies within.
        var reservedBytes = guardBytes + alignmentBytes + sizeBytes + guardBytes;
        var reserved = LibC.mmap(null, (size_t)reservedBytes, LibC.PROT_NONE, LibC.MAP_PRIVATE | LibC.MAP_ANONYMOUS | LibC.MAP_NORESERVE, -1, 0);
        if (reserved == LibC.MAP_FAILED)
        {
            errorNumber = LibC.errno;
            return null;
        }

        var start = ((ulong)reserved + guardBytes + alignmentBytes - 1) / alignmentBytes * alignmentBytes;
        var flags = LibC.MAP_FIXED | (file is null ? LibC.MAP_PRIVATE | LibC.MAP_ANONYMOUS : LibC.MAP_SHARED);
        var descriptor = file is null ? -1 : (int)file.DangerousGetHandle();
        if (LibC.mmap((void*)start, (size_t)sizeBytes, LibC.PROT_READ | LibC.PROT_WRITE, flags, descriptor, 0) == LibC.MAP_FAILED)
        {
            errorNumber = LibC.errno;
            _ = LibC.munmap(reserved, (size_t)reservedBytes);
            return null;
        }

        errorNumber = 0;
        return new GuardedMapping(reserved, reservedBytes, start, sizeBytes);
    }

    /// <summary>Advises huge pages for the mapping.</summary>
    /// <returns>0, or EINVAL where the kernel has no transparent huge pages.</returns>
    public int AdviseHugePages() => LibC.madvise((void*)Start, (size_t)SizeBytes, LibC.MADV_HUGEPAGE) == 0 ? 0 : LibC.errno;

    /// <summary>Writes one word of each page: only a written page is one of its own, a page only read is the kernel's shared zero page.</summary>
    public void WriteEachPage(CancellationToken cancellation)
    {
        for (ulong offset = 0; offset < SizeBytes && !cancellation.IsCancellationRequested; offset += (ulong)Environment.SystemPageSize)
            *(ulong*)(Start + offset) = Start + offset;
    }

    /// <summary>Reads one word of each page: the page is mapped and stays clean, so that it can be given back without writing it.</summary>
    public void ReadEachPage(CancellationToken cancellation)
    {
        for (ulong offset = 0; offset < SizeBytes && !cancellation.IsCancellationRequested; offset += (ulong)Environment.SystemPageSize)
            _ = Volatile.Read(ref *(ulong*)(Start + offset));
    }

    public void Dispose()
    {
        if (_reserved is null)
            return;

        _ = LibC.munmap(_reserved, (size_t)_reservedBytes);
        _reserved = null;
    }

    /// <summary>The kernel's words for an error number.</summary>
    public static string Describe(int errorNumber) => Marshal.GetPInvokeErrorMessage(errorNumber);
}
