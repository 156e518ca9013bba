using System.Globalization;

namespace Damon.Benchmarks.Comparison;

/// <summary>A process whose memory is looked at: <c>memory.c</c>, with pages in groups of eight, and where those pages are.</summary>
internal sealed class WatchedMemory : IDisposable
{
    private const ulong PageBytes = 4096;
    private const ulong Group = 8;

    private readonly CProgram _program;

    public WatchedMemory(string path, ulong bytes, int pages, ulong gapPages, bool hugePages)
    {
        _program = CProgram.Start(path, [.. ((ulong[])[bytes, (ulong)pages, gapPages, hugePages ? 1UL : 0]).Select(n => n.ToString(CultureInfo.InvariantCulture))]);
        var start = _program.Read()[0];
        var groups = ((ulong)pages + Group - 1) / Group;
        var groupBytes = bytes / groups & ~(PageBytes - 1);
        Addresses = [.. Enumerable.Range(0, pages).Select(p => start + ((ulong)p / Group * groupBytes) + ((ulong)p % Group * gapPages * PageBytes))];
    }

    public int Pid => _program.Pid;

    /// <summary>The addresses of the pages that are in memory, ascending.</summary>
    public ulong[] Addresses { get; }

    public void Dispose() => _program.Dispose();
}
