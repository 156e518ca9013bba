using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Damon.Testing;

#pragma warning disable RS0030 // Reads what machine this is and writes the result's file; the console is this command's own.

namespace Damon.Benchmarks.Comparison;

/// <summary><c>compare</c>: the engine beside C, small beside large, one target beside many; a table of ratios with their bounds and verdicts.</summary>
internal static class CompareCommand
{
    /// <param name="arguments">Optionally <c>--rounds N</c>, <c>--commit NAME</c> and <c>--out FILE</c>.</param>
    /// <returns>0 when every bound that could be measured holds, 1 when one is missed, 2 for wrong arguments.</returns>
    public static int Run(ReadOnlySpan<string> arguments, TimeProvider time)
    {
        var rounds = 60;
        var commit = "not given";
        string? output = null;
        for (var i = 0; i < arguments.Length; i++)
        {
            var value = i + 1 < arguments.Length ? arguments[i + 1] : "";
            switch (arguments[i++])
            {
                case "--rounds" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out rounds) && rounds > 0:
                    break;
                case "--commit" when value.Length > 0:
                    commit = value;
                    break;
                case "--out" when value.Length > 0:
                    output = value;
                    break;
                default:
                    Console.Error.WriteLine("compare [--rounds N] [--commit NAME] [--out FILE]");
                    return 2;
            }
        }

        var sources = RepositoryFiles.PathOf("benchmarks/c");
        var builds = Directory.CreateTempSubdirectory("damon-compare-").FullName;
        try
        {
            var rows = new List<ComparisonRow>();
            foreach (var row in RegionComparison.Run(sources, builds, rounds, time)
                .Concat(LookComparison.Run(sources, builds, rounds, time))
                .Concat(ScalingComparison.Run(sources, builds, rounds, time)))
            {
                rows.Add(row);
                Console.WriteLine($"{row.Law} | {row.Case} | {row.Figures} | {row.Value} {row.Bound} | {row.Verdict}");
            }

            var calls = CallCosts.Run(sources, builds, time).ToList();
            calls.ForEach(Console.WriteLine);
            if (output is not null)
            {
                File.WriteAllLines(output, Markdown(commit, rows, calls, time));
            }

            return rows.Exists(r => r.IsMissed) ? 1 : 0;
        }
        finally
        {
            Directory.Delete(builds, recursive: true);
        }
    }

    private static IEnumerable<string> Markdown(string commit, List<ComparisonRow> rows, List<string> calls, TimeProvider time) =>
    [
        $"# Beside C, {time.GetUtcNow():yyyy-MM-dd}",
        "",
        "| | |",
        "| --- | --- |",
        $"| Commit | {commit} |",
        $"| CPU | {Machine("/proc/cpuinfo", "model name")} (family {Machine("/proc/cpuinfo", "cpu family")}, model {Machine("/proc/cpuinfo", "model")}), {Environment.ProcessorCount} cores |",
        $"| Kernel | Linux {File.ReadAllText("/proc/sys/kernel/osrelease").Trim().Split('-')[0]} |",
        $"| .NET | {RuntimeInformation.FrameworkDescription}, {(RuntimeFeature.IsDynamicCodeCompiled ? "JIT, without profile-guided optimization" : "Native AOT")} |",
        "| C | gcc -O2 |",
        "",
        "Written by `make bench-compare`. Both sides take turns, round by round; the ratio is the median of the pairs' ratios. Sessions are measured in CPU time, all else in time passed.",
        "",
        "| law | case | figures | value | bound | verdict |",
        "| --- | --- | --- | ---: | ---: | --- |",
        .. rows.Select(r => $"| {r.Law} | {r.Case} | {r.Figures} | {r.Value} | {r.Bound} | {r.Verdict} |"),
        "",
        "## What a read costs",
        "",
        .. calls,
    ];

    private static string Machine(string file, string key) =>
        File.ReadLines(file).Select(line => line.Split(':', 2)).FirstOrDefault(parts => parts.Length == 2 && parts[0].Trim() == key)?[1].Trim() ?? "?";
}
