using System.Text;
using Damon.Engine.Host;
using Damon.Lab.Guest.Programs;
using Damon.NodeAgent.Safety;

namespace Damon.Lab.Guest.Running;

/// <summary>What a test works with: the machine, programs in control groups, waiting for an outcome, the kernel's own figures. All it made is undone after the test.</summary>
public sealed class LabContext
{
    private const string GroupRoot = "/sys/fs/cgroup";
    private const string Burstable = GroupRoot + "/kubepods.slice/kubepods-burstable.slice";
    private const string Kdamonds = "/sys/kernel/mm/damon/admin/kdamonds";
    private static readonly string[] DamonModules = ["damon_stat", "damon_reclaim", "damon_lru_sort"];
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly List<GuestProgram> _programs = [];
    private readonly List<string> _groups = [];
    private readonly Dictionary<string, string> _writtenBack = [];

    public LabContext(HostRoot host, LabMachine machine, TimeProvider time, CancellationToken cancellation)
    {
        Host = host;
        Machine = machine;
        Time = time;
        Cancellation = cancellation;
        foreach (var module in DamonModules)
        {
            if (host.ReadText(EnabledFileOf(module)).TryGet(out var enabled))
                _writtenBack[EnabledFileOf(module)] = enabled;
        }
    }

    /// <summary>The machine's files.</summary>
    public HostRoot Host { get; }

    public LabMachine Machine { get; }

    public TimeProvider Time { get; }

    /// <summary>The test's time is over.</summary>
    public CancellationToken Cancellation { get; }

    /// <summary>Control groups of the pods, in order of their names.</summary>
    public IReadOnlyList<string> Pods => GuestFiles.Folders(Host, Burstable, "kubepods-burstable-pod*.slice");

    /// <summary>Control groups of the pods' containers: those of the first pod first.</summary>
    public IReadOnlyList<string> Containers => [.. Pods.SelectMany(pod => GuestFiles.Folders(Host, pod, "cri-containerd-*.scope"))];

    /// <summary>Makes a control group beside the pods, gone after the test.</summary>
    public string CreateGroup(string name)
    {
        var group = $"{GroupRoot}/{name}";
        GuestFiles.CreateFolder(Host, group);
        _groups.Add(group);
        return group;
    }

    /// <summary>Starts a program; it is killed after the test at the latest.</summary>
    /// <param name="group">The control group to start it in; nothing for this program's own.</param>
    /// <param name="file">A path, or a name of <c>/lab/bin</c>.</param>
    /// <param name="arguments">One by one.</param>
    public GuestProgram Start(string? group, string file, params IEnumerable<string> arguments)
    {
        var program = GuestProgram.Start(group, file.Contains('/', StringComparison.Ordinal) ? file : $"/lab/bin/{file}", arguments);
        _programs.Add(program);
        return program;
    }

    /// <summary>Runs a program to its end.</summary>
    public async Task<GuestProgramResult> RunAsync(string file, params IEnumerable<string> arguments) => await Start(group: null, file, arguments).EndAsync(Cancellation);

    /// <summary>Starts a workload and waits until all its memory is there. It accesses its hot memory until it is killed, with the translation cache flushed every few milliseconds.</summary>
    /// <param name="pattern">A name of <c>tests/lab/patterns</c>.</param>
    /// <param name="group">The control group to start it in.</param>
    /// <param name="options">Further options of <c>damon-workload</c>.</param>
    public async Task<RunningWorkload> StartWorkloadAsync(string pattern, string group, params IEnumerable<string> options)
    {
        string[] fixedOptions = [$"/lab/patterns/{pattern}.yaml", "-o", "json", "--report-every", "250ms", "--flush-tlb-every", "2ms"];
        return await RunningWorkload.WaitAsync(Start(group, "damon-workload", [.. fixedOptions, .. options]), group, Cancellation);
    }

    /// <summary>Looks until what is seen is as wanted.</summary>
    /// <param name="what">What is waited for, to be named where it does not come.</param>
    /// <param name="within">The longest to wait, in this machine's time.</param>
    /// <param name="look">Looks.</param>
    /// <param name="done">Whether what was seen is it.</param>
    /// <returns>What was seen last.</returns>
    /// <exception cref="ExpectationException">It did not come in time.</exception>
    public async Task<T> UntilAsync<T>(string what, TimeSpan within, Func<T> look, Func<T, bool> done)
    {
        var start = Time.GetTimestamp();
        while (true)
        {
            var seen = look();
            if (done(seen))
                return seen;
            if (Time.GetElapsedTime(start) > within)
                throw new ExpectationException($"{what}: not within {within.TotalSeconds} s; last seen: {seen}");
            await Task.Delay(LookEvery, Time, Cancellation);
        }
    }

    /// <summary>Waits until no task waits for memory any more. What earlier tests have done to an emulated machine is pressure for a while, and the rail of a <c>damonctl run</c> would hold what the test is about.</summary>
    public Task UntilCalmAsync()
    {
        var limits = SafetyLimits.Default;
        return UntilAsync(
            "pressure from before has gone",
            TimeSpan.FromMinutes(2),
            () => Pressure.TryParse(Content("/proc/pressure/memory").Content, out var pressure) ? pressure.Some : throw new ExpectationException("the machine's pressure is not understood"),
            some => some.Average10Percent < limits.MemorySomeAverage10Percent && some.Average60Percent < limits.MemorySomeAverage60Percent);
    }

    /// <summary>A file without the white space around it.</summary>
    /// <exception cref="ExpectationException">It cannot be read.</exception>
    public string Read(string path) =>
        Host.ReadText(path) is var read && read.TryGet(out var text) ? text.Trim() : throw new ExpectationException($"cannot read: {read.Error}");

    /// <summary>Writes a file of the kernel in one call.</summary>
    /// <exception cref="ExpectationException">The kernel does not take it.</exception>
    public void Write(string path, string value)
    {
        if (TryWrite(path, value) is { } refusal)
            throw new ExpectationException($"cannot write '{value}': {refusal}");
    }

    /// <summary>Writes a setting of this machine; what it was is put back after the test.</summary>
    /// <exception cref="ExpectationException">It cannot be read, or the kernel does not take it.</exception>
    public void Set(string path, string value)
    {
        _writtenBack.TryAdd(path, Read(path));
        Write(path, value);
    }

    private HostError? TryWrite(string path, string value)
    {
        var opened = Host.Open(path, HostFileAccess.Write);
        if (!opened.TryGet(out var file))
            return opened.Error;

        using (file)
        {
            var written = file.WriteAt(Encoding.UTF8.GetBytes(value), 0);
            return written.IsOk ? null : written.Error;
        }
    }

    /// <summary>Makes sure that nobody uses the kernel's DAMON: modules that do are switched off until the end of the test.</summary>
    public void FreeDamon()
    {
        foreach (var module in DamonModules)
        {
            if (_writtenBack.GetValueOrDefault(EnabledFileOf(module)) is "Y" or "1")
                Write(EnabledFileOf(module), "N");
        }
    }

    /// <summary><c>memory.stat</c> of a control group.</summary>
    public CgroupMemoryStat MemoryStat(string group)
    {
        var reader = Content($"{group}/memory.stat");
        return CgroupMemoryStat.TryParse(reader.Content, out var stat) ? stat : throw new ExpectationException($"{group}/memory.stat is not understood");
    }

    /// <summary>Bytes of a control group that are in swap.</summary>
    public ulong SwapBytes(string group)
    {
        var reader = Content($"{group}/memory.swap.current");
        return CgroupValue.TryParse(reader.Content, out var value) ? value : throw new ExpectationException($"{group}/memory.swap.current is not understood");
    }

    /// <summary>Bytes of a control group on a memory node.</summary>
    public ulong NodeBytes(string group, int node)
    {
        var reader = Content($"{group}/memory.numa_stat");
        return CgroupNumaStat.TryGetUsed(reader.Content, node, out var value) ? value : throw new ExpectationException($"{group}/memory.numa_stat has no node {node}");
    }

    /// <summary>The sums over all of a process's memory.</summary>
    public ProcSmapsRollup SmapsRollup(int processId)
    {
        var reader = Content($"/proc/{processId}/smaps_rollup");
        return ProcSmapsRollup.TryParse(reader.Content, out var rollup) ? rollup : throw new ExpectationException($"/proc/{processId}/smaps_rollup is not understood");
    }

    /// <summary>The sums over those of a process's mappings that touch an address range.</summary>
    public MappingSums Smaps(int processId, ulong start, ulong end)
    {
        var reader = Content($"/proc/{processId}/smaps");
        var sums = default(MappingSums);
        foreach (var entry in ProcSmaps.Enumerate(reader.Content))
        {
            if (entry.Mapping.Start < end && entry.Mapping.End > start)
                sums += new MappingSums(entry.RssBytes, entry.ReferencedBytes, entry.SwapBytes, entry.AnonHugePagesBytes);
        }

        return sums;
    }

    /// <summary>The sums over the mappings of all hot, or all other, regions of a workload whose regions lie apart.</summary>
    public MappingSums Smaps(RunningWorkload workload, bool hot) =>
        workload.Regions.Where(region => region.IsHot == hot).Aggregate(default(MappingSums), (sums, region) => sums + Smaps(workload.Id, region.Start, region.End));

    /// <summary>Bytes of a process on each memory node, from its <c>numa_maps</c>.</summary>
    public IReadOnlyDictionary<int, ulong> NodeBytes(int processId) => NumaMaps.Sum(Read($"/proc/{processId}/numa_maps"));

    /// <summary>Ends programs, stops kdamonds, puts modules back, removes control groups.</summary>
    internal async Task CleanUpAsync()
    {
        foreach (var program in _programs)
        {
            await program.KillAsync();
            program.Dispose();
        }

        foreach (var group in (string[])[.. Containers, .. _groups])
        {
            if (Host.Exists($"{group}/cgroup.kill"))
                Write($"{group}/cgroup.kill", "1");
        }

        await StopKdamondsAsync();
        foreach (var (file, value) in _writtenBack)
        {
            if (Read(file) != value)
                Write(file, value);
        }

        foreach (var group in _groups.Where(group => Host.Exists(group)))
        {
            await AnewUntilAsync($"{group} has no process", () => Read($"{group}/cgroup.procs"), processes => processes.Length == 0);
            GuestFiles.RemoveGroup(Host, group);
        }
    }

    private static string EnabledFileOf(string module) => $"/sys/module/{module}/parameters/enabled";

    private async Task StopKdamondsAsync()
    {
        if (!Host.Exists(Kdamonds) || Read($"{Kdamonds}/nr_kdamonds") == "0")
            return;

        foreach (var folder in GuestFiles.Folders(Host, Kdamonds, "*"))
        {
            // One whose processes have just been killed may end between the look and the word, which the kernel then refuses.
            if (Read($"{folder}/state") == "on")
                TryWrite($"{folder}/state", "off");
            await AnewUntilAsync($"{folder} is off", () => Read($"{folder}/state"), state => state == "off");
        }

        // A writer that still waits for an answer inside 'state', and one that removes it, wait for each other for ever before Linux 6.15. It looks every 100 ms.
        await Task.Delay(TimeSpan.FromMilliseconds(500), Time, CancellationToken.None);
        Write($"{Kdamonds}/nr_kdamonds", "0");
    }

    /// <summary>As <see cref="UntilAsync"/>, but the test's own time may be over.</summary>
    private Task<T> AnewUntilAsync<T>(string what, Func<T> look, Func<T, bool> done) =>
        new LabContext(Host, Machine, Time, CancellationToken.None).UntilAsync(what, Patience, look, done);

    private HostReader Content(string path)
    {
        var reader = new HostReader();
        var read = Host.Read(path, reader);
        return read.IsOk ? reader : throw new ExpectationException($"cannot read: {read.Error}");
    }
}
