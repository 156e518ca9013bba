using System.Globalization;
using Damon.Engine.Host;
using Damon.Engine.Probes;

namespace Damon.Benchmarks.Comparison;

/// <summary>A look of the idle-page probe beside bare system calls in C: the same pages of the same process, in the same calls.</summary>
internal static class LookComparison
{
    private const string Law = "Idle-page look at 1,000 pages against C";
    private const double Bound = 1.3;
    private const int Operations = 4;
    private const int Pages = 1000;
    private const ulong FourTebibytesOfFrames = 1UL << 30;

    public static IEnumerable<ComparisonRow> Run(string sources, string builds, int rounds, TimeProvider time)
    {
        var (memoryPath, problem) = CProgram.Build(sources, "memory", builds);
        if (memoryPath.Length == 0 || (problem = WhyFramesAreHidden()).Length > 0)
        {
            yield return ComparisonRow.Skipped(Law, "", problem);
            yield break;
        }

        var (path, _) = CProgram.Build(sources, "idle_look", builds);
        foreach (var (name, gap, huge) in ((string, ulong, bool)[])[("far apart", 64, false), ("8 within 32 pages", 4, false), ("in huge pages", 64, true)])
        {
            using var memory = new WatchedMemory(memoryPath, 4UL << 30, Pages, gap, huge);
            using var host = new LookHost(memory.Pid, builds, FourTebibytesOfFrames / 32);
            using var engine = new LookRounds(host.Root, memory.Pid, memory.Addresses, time);
            using var program = CProgram.Start(
                path,
                $"/proc/{memory.Pid}/pagemap",
                "/proc/kpageflags",
                host.OtherBitmap,
                host.WriteAddresses(memory.Addresses),
                IdlePageProbe.PagemapReach.ToString(CultureInfo.InvariantCulture),
                IdlePageProbe.FlagsReach.ToString(CultureInfo.InvariantCulture));
            var times = new PairedTimes();
            var calls = default(IdlePageCalls);
            var others = "";
            var unequal = 0;
            for (var round = -5; round < rounds; round++)
            {
                var c = program.Run(Operations);
                var own = engine.Run(Operations);
                calls = own.Calls;
                var callsOfC = new IdlePageCalls((long)c[1], (long)c[2], (long)c[3], (long)c[4]);
                if (calls != callsOfC || (ulong)engine.Accessed != c[5])
                {
                    // The kernel took a page off its lists, or put one on, between the two: a round like any other, but not a pair.
                    unequal++;
                    others = $"the engine made {calls} and saw {engine.Accessed}, the C program {callsOfC} and {c[5]}";
                }
                else if (round >= 0)
                {
                    times.Add(own.Nanoseconds / Operations, (double)c[0] / Operations);
                }
            }

            if (unequal > Math.Max(5, rounds / 10))
            {
                throw new InvalidOperationException($"{unequal} rounds were not equal; in the last, {others}.");
            }

            if (host.Marks == 0 || host.DifferentMarks > Pages / 100)
            {
                throw new InvalidOperationException($"{host.DifferentMarks} frames were marked by only one of the engine and the C program.");
            }

            var perLook = $"{calls.PagemapReads / Operations}+{calls.FlagReads / Operations}+{calls.BitmapReads / Operations}+{calls.BitmapWrites / Operations}";
            yield return ComparisonRow.Of(Law, $"{name}; {perLook} calls a look (pagemap, flags, bitmap read, bitmap write), the same in both; {host.DifferentMarks} of {host.Marks} marks differ", times, Bound);
        }
    }

    /// <summary>Frame numbers and page flags take CAP_SYS_ADMIN.</summary>
    internal static string WhyFramesAreHidden() => new HostRoot().Open("/proc/kpageflags") switch
    {
        { IsOk: true } opened => Close(opened.Value),
        var failed => $"{failed.Error}; run it as root to see the real page tables",
    };

    private static string Close(HostFile file)
    {
        file.Dispose();
        return "";
    }
}
