using Damon.Engine.Regions;

namespace Damon.Engine.Actions;

/// <summary>The one native call behind <see cref="ProcessMadviseActor"/>, so that tests can have it fail in every way the kernel can.</summary>
internal interface IProcessMemoryAdvice : IDisposable
{
    /// <summary>Advises the kernel on ranges of one process.</summary>
    /// <param name="ranges">At most <see cref="MaxRanges"/>, ascending.</param>
    /// <param name="advice">One of <see cref="Interop.MemoryAdvice"/>.</param>
    /// <returns>Bytes advised, counted from the first range's start and possibly fewer than asked, or the negated errno.</returns>
    long Advise(ReadOnlySpan<AddressRange> ranges, int advice);

    /// <summary>The kernel's limit for vectors in one call (UIO_MAXIOV).</summary>
    const int MaxRanges = 1024;
}
