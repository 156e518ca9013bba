using Damon.Engine.Interop;

namespace Damon.Engine.Actions;

/// <summary>move_pages(2) on one process. The call knows no descriptor of a process, only its pid.</summary>
/// <param name="pid">The process.</param>
internal sealed class ProcessPageMoves(int pid) : IPageMoves
{
    public long Find(ReadOnlySpan<ulong> pages, Span<int> status) => Native.MovePages(pid, pages, default, status);

    public long Move(ReadOnlySpan<ulong> pages, ReadOnlySpan<int> nodes, Span<int> status) => Native.MovePages(pid, pages, nodes, status);
}
