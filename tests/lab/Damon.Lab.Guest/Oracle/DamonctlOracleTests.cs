using System.Globalization;
using System.Text;
using Damon.Engine.Host;
using Damon.Engine.KernelDamon;
using Damon.Lab.Guest.Programs;
using Damon.Lab.Guest.Running;
using Damon.NodeAgent.Tests.Oracle;
using Damon.Testing.Oracle;

namespace Damon.Lab.Guest.Oracle;

/// <summary>The same through the published <c>damonctl run</c>: the document goes in, and while it runs the kernel's files are read and compared with what damo would write for the equivalent scheme.</summary>
internal static class DamonctlOracleTests
{
    private const string Scheme = "contexts/0/schemes/0/";
    private const int Interrupted = 130;
    private const int Unsupported = 3;
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(40);

    /// <summary>Of a node; what is behind the name are changes that make the agent act in this machine, where almost all memory is free, and that no file shows.</summary>
    private static readonly (string Case, string[] Changes)[] OfNodes =
    [
        ("lru-deprio-cold", ["watermarks.high=100%", "watermarks.mid=99%"]), ("lru-deprio-slow", []), ("lru-prio-goals", ["quota.goals[0].target=100%", "quota.goals[1].target=100%"]), ("lru-prio-hot", []),
        ("pageout-cold", []), ("pageout-filters", []), ("pageout-pressure", []), ("stat-everything", []), ("stat-filters", []),
    ];

    /// <summary>Of processes. The kernel's part is the same for an action that the agent carries out, whatever the document it was taken from is about.</summary>
    private static readonly (string Case, string[] Changes, ulong? QuarterOfAge)[] OfProcesses =
    [
        ("stat-rounded", [], null),

        // A quarter of 4 s, with 20 samples to an aggregation.
        ("stat-tuned", [], 50_000),
        ("pageout-cold", ["target.kind=Pods", "target.podSelector={}", "target.all=true"], null),
        ("pageout-pressure", ["target.kind=Pods", "target.podSelector={}", "target.all=true"], null),
    ];

    public static IReadOnlyList<LabTest> All { get; } =
    [
        .. OfNodes.Select(one => Test(
            $"Damonctl_has_the_kernel_hold_what_damo_would_write_for_{one.Case.Replace('-', '_')}",
            one.Case == "pageout-cold" ? LabSet.Smoke : LabSet.Full,
            context => Carries_out_a_nodes(context, CaseOf(one.Case), one.Changes),
            needsPassLimit: true)),
        .. OfProcesses.Select(one => Test(
            $"Damonctl_has_the_kernel_sense_by_what_damo_would_write_for_{one.Case.Replace('-', '_')}",
            one.Case == "stat-rounded" ? LabSet.Smoke : LabSet.Full,
            context => Senses_a_process(context, CaseOf(one.Case), one.Changes, one.QuarterOfAge))),
        Test(nameof(A_field_of_the_document_that_is_changed_is_the_one_file_that_differs), LabSet.Full, A_field_of_the_document_that_is_changed_is_the_one_file_that_differs, needsPassLimit: true),
        Test(nameof(What_the_agent_does_not_carry_out_is_refused_before_anything_is_written), LabSet.Full, What_the_agent_does_not_carry_out_is_refused_before_anything_is_written),
    ];

    private static async Task Carries_out_a_nodes(LabContext context, OracleCase @case, string[] changes)
    {
        var expected = await NodesAsync(context, @case);
        await WhileItRuns(context, @case, [.. await ArgumentsAsync(context, @case, changes), .. NodeOptions(context, @case)], ours => Differences(@case, ours, expected(ours)), found => found.Count == 0);
    }

    private static async Task A_field_of_the_document_that_is_changed_is_the_one_file_that_differs(LabContext context)
    {
        var @case = CaseOf("pageout-cold");
        var expected = await NodesAsync(context, @case);
        ParameterDifference[] wanted = [new("contexts/0/monitoring_attrs/intervals/update_us", "30000000", "60000000"), new(Scheme + "access_pattern/age/min", "1199", "1200")];

        await WhileItRuns(
            context, @case, [.. await ArgumentsAsync(context, @case, ["monitoring.updateInterval=30s", "pattern.age.min=119900ms"]), .. NodeOptions(context, @case)],
            ours => Differences(@case, ours, expected(ours)), found => found.SequenceEqual(wanted));
    }

    private static async Task Senses_a_process(LabContext context, OracleCase @case, string[] changes, ulong? quarterOfAge)
    {
        context.FreeDamon();
        var process = await OracleSubjects.StartProcessAsync(context);
        var isLayered = HasPassLimit(context.Machine);
        var damos = DamoParameters.Of(@case.Answer, isLayered);
        var pieces = PiecesOf(context.Read($"/proc/{process}/maps"), Number(damos, "contexts/0/monitoring_attrs/nr_regions/min"));
        var expected = SensedParameters.Of(damos, process, pieces, quarterOfAge, isLayered);

        await WhileItRuns(
            context, @case, [.. await ArgumentsAsync(context, @case, changes), "--pid", $"{process}"],
            ours => Differences(@case, ours, expected), found => found.Count == 0);
    }

    private static async Task What_the_agent_does_not_carry_out_is_refused_before_anything_is_written(LabContext context)
    {
        context.FreeDamon();
        var process = await OracleSubjects.StartProcessAsync(context);
        var containers = OracleSubjects.CreateContainers(context, OracleCase.All[0]);
        foreach (var @case in OracleCase.All.Where(one => !OfNodes.Any(known => known.Case == one.Name) && !OfProcesses.Any(known => known.Case == one.Name)))
        {
            var isOfNode = Encoding.UTF8.GetString(@case.Scheme).Contains("kind: Node", StringComparison.Ordinal);
            string[] subjects = isOfNode ? ["--node-targets", "--cgroup", .. containers] : ["--pid", $"{process}"];

            var refused = await context.RunAsync("damonctl", [.. await ArgumentsAsync(context, @case, []), .. subjects]);

            Expect.Equal($"{@case}: exit code, with '{refused.Errors}'", Unsupported, refused.ExitCode);
            Expect.True($"{@case}: the action is named in '{refused.Errors}'", refused.Errors.Contains("UnsupportedField: spec.action.type: ", StringComparison.Ordinal));
            Expect.Equal($"{@case}: kdamonds", "0", context.Read("/sys/kernel/mm/damon/admin/kdamonds/nr_kdamonds"));
        }
    }

    /// <summary>Runs it until the kernel's files are as wanted, and lets it end.</summary>
    private static async Task WhileItRuns(
        LabContext context, OracleCase @case, string[] arguments, Func<IReadOnlyDictionary<string, string>, IReadOnlyList<ParameterDifference>> compare, Func<IReadOnlyList<ParameterDifference>, bool> wanted)
    {
        var tree = new HostDamonTree(context.Host);
        await context.UntilCalmAsync();
        var run = context.Start(group: null, "damonctl", arguments);
        IReadOnlyList<ParameterDifference> found = [];

        // The agent takes each grant back within a second and makes the next: what is read in the middle of that is read again.
        string Look()
        {
            try
            {
                found = compare(KernelParameters.KernelParametersOf(tree, 0));
                return wanted(found) ? "" : string.Join(", ", found);
            }
            catch (InvalidOperationException torn)
            {
                return torn.Message;
            }
        }

        var saw = "";
        try
        {
            await context.UntilAsync("the files are as wanted", Soon, () => saw = Look(), different => different.Length == 0 || run.HasEnded);
        }
        catch (ExpectationException)
        {
            await run.KillAsync();
        }

        if (!run.HasEnded)
            await context.RunAsync("/bin/sh", "-c", $"kill -INT {run.Id}");
        var ended = await run.EndAsync(context.Cancellation);
        Expect.True($"{@case}: beside the differences on purpose: {saw}; damonctl said '{ended.Errors}' and last '{ended.Output.TrimEnd().Split('\n')[^1]}'", saw.Length == 0);
        Expect.Equal($"{@case}: exit code, with '{ended.Errors}'", Interrupted, ended.ExitCode);
        Expect.Equal($"{@case}: kdamonds that are left", "0", context.Read("/sys/kernel/mm/damon/admin/kdamonds/nr_kdamonds"));
    }

    /// <summary>Makes what a case of a node is about.</summary>
    /// <returns>What is expected, of what is there: how much a grant is, and how often it was renewed, is the agent's to say.</returns>
    private static async Task<Func<IReadOnlyDictionary<string, string>, IReadOnlyDictionary<string, string>>> NodesAsync(LabContext context, OracleCase @case)
    {
        context.FreeDamon();
        var containers = OracleSubjects.CreateContainers(context, @case);
        foreach (var container in containers)
            await OracleSubjects.HoldMemoryAsync(context, container);

        var damos = DamoParameters.Of(@case.Answer).ToDictionary(StringComparer.Ordinal);
        var memory = PhysicalMemory.Read(context.Host, (ulong)Environment.SystemPageSize);
        Expect.True("where memory lies is known", memory.IsOk);
        SensedParameters.Put(damos, [.. memory.Value.Ranges.Select(range => (range.Start, range.End))]);
        return ours => damos[Scheme + "action"] == "stat" ? ObservedParameters.Of(damos) : Granted(damos, ours);
    }

    private static Dictionary<string, string> Granted(Dictionary<string, string> damos, IReadOnlyDictionary<string, string> ours)
    {
        const string Bytes = Scheme + "quotas/bytes";
        const string Passes = Scheme + "stats/max_nr_snapshots";
        var most = Number(damos, Bytes) is > 0 and var budget ? Math.Min(budget, KernelLease.MostBytes) : KernelLease.MostBytes;
        var bytes = Number(ours, Bytes) is > 0 and var granted && granted <= most ? granted : most;
        var expected = GrantedParameters.Of(damos, bytes, targets: 1).ToDictionary(StringComparer.Ordinal);
        expected[Passes] = Math.Max(1, Number(ours, Passes)).ToString(CultureInfo.InvariantCulture);
        return expected;
    }

    private static ulong Number(IReadOnlyDictionary<string, string> parameters, string file) => ulong.Parse(parameters.GetValueOrDefault(file, "0"), CultureInfo.InvariantCulture);

    private static IReadOnlyList<ParameterDifference> Differences(OracleCase @case, IReadOnlyDictionary<string, string> ours, IReadOnlyDictionary<string, string> damos) =>
        [.. ParameterDifference.Between(ours, damos).Where(difference => !PurposefulDifference.All.Any(purposeful => purposeful.Covers(@case.Name, difference)))];

    private static async Task<string[]> ArgumentsAsync(LabContext context, OracleCase @case, string[] changes)
    {
        var file = $"/tmp/{@case.Name}.yaml";
        var written = await context.RunAsync("/bin/sh", "-c", "printf %s \"$0\" >\"$1\"", Encoding.UTF8.GetString(@case.Scheme), file);
        Expect.Equal($"the document is written ({written.Errors})", 0, written.ExitCode);
        return ["run", "-f", file, "-o", "json", .. changes.SelectMany(change => (string[])["--set", change])];
    }

    private static string[] NodeOptions(LabContext context, OracleCase @case) =>
        ["--node-targets", "--floor", "1Mi", "--cgroup", .. OracleScheme.ContainersOf(@case).Select(container => $"/sys/fs/cgroup{container}")];

    /// <summary>A process's mappings without its two largest gaps, and without what the kernel maps into it.</summary>
    /// <summary>Where a process has memory, neighbours together, each cut from its start into pieces of a part of the whole.</summary>
    private static List<(ulong Start, ulong End)> PiecesOf(string maps, ulong parts)
    {
        const ulong PageBytes = 4096;
        var ranges = new List<(ulong Start, ulong End)>();
        foreach (var fields in maps.Split('\n').Select(line => line.Split(' ')).Where(fields => fields[1][..3] != "---" && !fields[^1].StartsWith("[v", StringComparison.Ordinal)))
        {
            var ends = fields[0].Split('-').Select(end => ulong.Parse(end, NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToList();
            if (ranges.Count > 0 && ranges[^1].End == ends[0])
                ranges[^1] = (ranges[^1].Start, ends[1]);
            else
                ranges.Add((ends[0], ends[1]));
        }

        var pages = ranges.Aggregate(0UL, (sum, range) => sum + ((range.End - range.Start) / PageBytes));
        var piece = (pages + parts - 1) / parts * PageBytes;
        return [.. ranges.SelectMany(range => Enumerable.Range(0, (int)((range.End - range.Start + piece - 1) / piece)).Select(i => (range.Start + ((ulong)i * piece), Math.Min(range.End, range.Start + ((ulong)(i + 1) * piece)))))];
    }

    private static LabTest Test(string name, LabSet set, Func<LabContext, Task> body, bool needsPassLimit = false) => new(name, set, body)
    {
        Timeout = TimeSpan.FromMinutes(4),
        SkipReason = machine => !machine.Facts.Damon.HasSysfs ? "this kernel's DAMON has no files"
            : needsPassLimit && !HasPassLimit(machine) ? "this kernel's DAMON cannot end a scheme by itself, so the agent leaves nothing to it but sensing" : null,
    };

    /// <summary>It came after the second folder for filters and the tuning of intervals.</summary>
    private static bool HasPassLimit(LabMachine machine) => machine.Facts.Kernel.Major >= 7;

    private static OracleCase CaseOf(string name) => OracleCase.All.Single(one => one.Name == name);
}
