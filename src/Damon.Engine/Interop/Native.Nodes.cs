using Tmds.Linux;

namespace Damon.Engine.Interop;

/// <content>On which memory node pages lie, and moving them to another.</content>
internal static unsafe partial class Native
{
    /// <summary>MPOL_MF_MOVE of move_pages(2): only pages that no other process maps.</summary>
    internal const int MoveOwnPages = 1 << 1;

    /// <summary>Moves pages of a process to memory nodes, or without nodes says on which they lie.</summary>
    /// <param name="pid">The process; 0 for this one.</param>
    /// <param name="pages">Addresses in it.</param>
    /// <param name="nodes">For each page the node it goes to; empty to move nothing.</param>
    /// <param name="status">For each page the node it lies on now, or a negated errno.</param>
    /// <returns>0; the number of pages that were not moved (since 4.17); or a negated errno. Pages behind the one where the kernel gave up keep the status that was there.</returns>
    /// <remarks>
    /// <c>long move_pages(int pid, unsigned long count, void *pages[count], const int nodes[count], int status[count], int flags);</c>
    /// EACCES a node outside the process's cpuset · ENODEV a node that is not there or has no memory · EPERM no right to look at the process (PTRACE_MODE_READ) · ESRCH gone
    /// · EINVAL a kernel thread, or flags · EFAULT an array that cannot be read · ENOMEM · E2BIG too many pages (before 2.6.29) · ENOSYS a kernel without NUMA.
    /// Of a page: ENOENT not there · EFAULT not mapped, or the zero page · EACCES mapped by other processes too · EBUSY in use by the kernel now · ENOMEM no memory on the node
    /// · EIO, EINVAL dirty, and its file system cannot move it.
    /// </remarks>
    public static long MovePages(int pid, ReadOnlySpan<ulong> pages, ReadOnlySpan<int> nodes, Span<int> status)
    {
        // An empty span is pinned as a null pointer, which is how the call is asked for the state alone.
        fixed (ulong* firstPage = pages)
        fixed (int* firstNode = nodes)
        fixed (int* firstStatus = status)
        {
            return Result((long)(ssize_t)LibC.syscall(SystemCallNumber.MovePages, pid, (size_t)pages.Length, firstPage, firstNode, firstStatus, MoveOwnPages));
        }
    }
}
