using Tmds.Linux;

namespace Damon.Workload.Memory;

/// <summary>
/// Forces full flushes of the translation cache for this process's memory. Linux on x86 flushes single pages up to a ceiling of 33
/// (<c>tlb_single_page_flush_ceiling</c>) and everything above it, so that a change of protection of 64 present pages flushes all.
/// </summary>
internal sealed unsafe class TlbFlush : IDisposable
{
    private const ulong Pages = 64;

    private readonly GuardedMapping _scratch;

    private TlbFlush(GuardedMapping scratch) => _scratch = scratch;

    /// <returns>Nothing where the kernel gives no memory.</returns>
    public static TlbFlush? TryCreate()
    {
        var pageBytes = (ulong)Environment.SystemPageSize;
        return GuardedMapping.TryCreate(Pages * pageBytes, pageBytes, file: null, out _) is { } scratch ? new TlbFlush(scratch) : null;
    }

    public void Force()
    {
        // Written first: only taking a right away from a present, writable page needs a flush, and swap may have taken the pages.
        _scratch.WriteEachPage(CancellationToken.None);
        _ = LibC.mprotect((void*)_scratch.Start, (size_t)_scratch.SizeBytes, LibC.PROT_READ);
        _ = LibC.mprotect((void*)_scratch.Start, (size_t)_scratch.SizeBytes, LibC.PROT_READ | LibC.PROT_WRITE);
    }

    public void Dispose() => _scratch.Dispose();
}
