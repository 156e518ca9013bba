using System.Text.Json;
using Damon.Engine.Host;
using Damon.Engine.Machine;
using Damon.Engine.Schemes;
using Damon.Testing;

namespace Damon.Cli.Tests.Doctor;

public class DoctorCommandTests
{
    [Fact]
    public async Task Where_everything_is_there_Auto_takes_the_kernel_and_nothing_is_found_wanting()
    {
        using var host = Machines.WithEverything();
        var json = await Json(host);
        json.GetProperty("kernel").GetString().Should().Be("6.12.95+deb12-amd64");
        json.GetProperty("memory").GetProperty("swapFreeBytes").GetUInt64().Should().Be(3UL << 30);
        json.GetProperty("transparentHugePages").GetString().Should().Be("MAdvise");
        json.GetProperty("numaNodes").EnumerateArray().Select(node => node.GetInt32()).Should().Equal(0, 1);
        json.GetProperty("capabilities").EnumerateObject().Should().HaveCount(8).And.OnlyContain(capability => capability.Value.GetBoolean());
        json.GetProperty("auto").GetProperty("backend").GetString().Should().Be("Kernel");
        json.GetProperty("auto").GetProperty("hint").ValueKind.Should().Be(JsonValueKind.Null);
        json.GetProperty("findings").GetArrayLength().Should().Be(0);
        Of(json, "backends", "backend", "IdlePage").GetProperty("available").GetBoolean().Should().BeTrue();
        Of(json, "actions", "action", "Pageout").GetProperty("reason").GetString().Should().Be("Available");
        (await CliRun.On(host.Folder, "doctor")).Out.Should().MatchRegex(@"Auto takes +Kernel\n").And.NotContain("Findings");
    }

    [Fact]
    public async Task Memory_tiers_are_told_and_why_there_are_none()
    {
        using var host = Machines.WithEverything();
        var tiers = (await Json(host)).GetProperty("memoryTiers");
        (tiers.GetProperty("fast")[0].GetInt32(), tiers.GetProperty("slow")[0].GetInt32(), tiers.GetProperty("source").GetString(), tiers.GetProperty("reason").GetString()).Should().Be((0, 1, "KernelTiers", "Available"));
        Unfolded((await CliRun.On(host.Folder, "doctor")).Out).Should().Contain("memory tiers Fast is node 0, slow node 1: as the kernel's memory tiers say.");

        host.Write("/sys/devices/virtual/memory_tiering/memory_tier4/nodelist", "0-1\n").Remove("/sys/devices/virtual/memory_tiering/memory_tier22");
        (await Json(host)).GetProperty("memoryTiers").GetProperty("reason").GetString().Should().Be("OneMemoryTier");
        host.Remove("/sys/devices/system/node/has_memory");
        (await Json(host)).GetProperty("memoryTiers").GetProperty("reason").GetString().Should().Be("MemoryTiersUnknown");
    }

    [Fact]
    public async Task What_the_kernel_takes_of_advice_is_asked_of_this_machines_kernel_alone()
    {
        using var host = Machines.WithEverything();
        host.Write("/proc/sys/kernel/random/boot_id", "another\n");
        var advice = (await Json(host)).GetProperty("processAdvice");
        advice.GetProperty("isKnown").GetBoolean().Should().BeFalse();
        advice.GetProperty("answers").EnumerateObject().Select(answer => $"{answer.Name} {answer.Value.GetString()}").Should().Equal(
            "Pageout Unknown", "Cold Unknown", "WillNeed Unknown", "Collapse Unknown", "HugePage Unknown", "NoHugePage Unknown");

        host.Write("/proc/sys/kernel/random/boot_id", new HostRoot().ReadText("/proc/sys/kernel/random/boot_id").Value + "\n");
        var here = ProcessAdviceProbe.Ask(new HostRoot(), TimeProvider.System);
        (await Json(host)).GetProperty("processAdvice").GetProperty("message").GetString().Should().Be(here.Message);
        Unfolded((await CliRun.On(host.Folder, "doctor")).Out).Should().Contain("advice " + here.Message);
    }

    [Theory]
    [InlineData(true, "thread 77")]
    [InlineData(false, "no DAMON sysfs interface")]
    public async Task A_kernel_that_cannot_be_probed_is_shown_as_expected_and_the_reason_is_told(bool isThere, string reason)
    {
        using var host = isThere ? Machines.WithForeignKdamond() : Machines.WithNothing();
        host.Write("/proc/sys/kernel/random/boot_id", "boot-1\n").Write("/proc/self/stat", "500 (damonctl) S 1 0 0 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 500 0 0\n");

        var run = await CliRun.On(host.Folder, "doctor", "--probe-kernel", "-o", "json");

        run.ExitCode.Should().Be(ExitCode.Unsupported);
        run.Error.Should().StartWith("--probe-kernel: ").And.Contain(reason);
        run.Out.Should().NotContain("\"isExpected\": false");
        host.Root.Exists("/run/damon").Should().BeFalse();
    }

    [Fact]
    public async Task Only_modules_of_the_kernel_may_be_named()
    {
        var run = await CliRun.Of("doctor", "--probe-kernel", "--allow-module-off", "zram");
        run.ExitCode.Should().Be(ExitCode.BadInput);
        run.Error.Should().Contain("\"zram\" is no such module").And.Contain("damon_stat");
    }

    [Fact]
    public async Task Where_nothing_works_the_command_still_succeeds_and_says_what_is_missing()
    {
        using var host = Machines.WithNothing();
        var json = await Json(host);
        json.GetProperty("auto").GetProperty("backend").ValueKind.Should().Be(JsonValueKind.Null);
        json.GetProperty("auto").GetProperty("hint").GetString().Should().Contain("No other backend");
        json.GetProperty("backends").EnumerateArray().Should().OnlyContain(backend => !backend.GetProperty("available").GetBoolean());
        json.GetProperty("actions").EnumerateArray().Where(action => action.GetProperty("available").GetBoolean()).Select(action => action.GetProperty("action").GetString())
            .Should().Equal("Stat");
        Reasons(json).Should().Equal("NoSwap", "NoMemoryPressure", "NoCgroups");
        json.GetProperty("capabilities").EnumerateObject().Should().OnlyContain(capability => !capability.Value.GetBoolean());
        Of(json, "backends", "backend", "Kernel").GetProperty("reason").GetString().Should().Be("NotInKernel");
    }

    [Fact]
    public async Task Every_backend_and_every_action_is_listed_once_with_a_reason_and_a_sentence()
    {
        using var host = Machines.WithNothing();
        var json = await Json(host);
        Names(json, "backends", "backend").Should().Equal(Enum.GetNames<MonitoringBackend>());
        Names(json, "actions", "action").Should().Equal(Enum.GetNames<SchemeAction>());
        json.GetProperty("backends").EnumerateArray().Concat(json.GetProperty("actions").EnumerateArray()).Should().OnlyContain(
            entry => Enum.IsDefined(Enum.Parse<CapabilityReason>(entry.GetProperty("reason").GetString()!)) && entry.GetProperty("message").GetString()!.EndsWith('.'));
        var text = (await CliRun.On(host.Folder, "doctor")).Out;
        text.Should().ContainAll(Enum.GetNames<MonitoringBackend>()).And.ContainAll(Enum.GetNames<SchemeAction>());
    }

    [Fact]
    public async Task A_foreign_kdamond_is_named_with_pid_and_operations_and_referenced_is_offered_with_its_cost()
    {
        using var host = Machines.WithForeignKdamond();
        var json = await Json(host);
        var damon = json.GetProperty("damon");
        damon.GetProperty("owner").GetString().Should().Be("Sysfs");
        damon.GetProperty("module").ValueKind.Should().Be(JsonValueKind.Null);
        damon.GetProperty("kdamonds")[0].GetRawText().Should().ContainAll("true", "77", "paddr");
        Of(json, "backends", "backend", "Kernel").GetProperty("reason").GetString().Should().Be("Busy");
        json.GetProperty("auto").GetProperty("reason").GetString().Should().Be("NoIdlePageTracking");
        json.GetProperty("auto").GetProperty("hint").GetString().Should().ContainAll("--backend Referenced", "GiB", "accessed bits");
        Reasons(json).Should().Equal("DamonInUse");
        Unfolded((await CliRun.On(host.Folder, "doctor")).Out).Should().Contain("a kdamond that is not ours runs: number 0, pid 77, operations paddr").And.Contain("Auto takes nothing");
    }

    [Theory]
    [InlineData("6.12.95+deb12-amd64", "MigrateHot", "vaddr", false, "NoEffect")]
    [InlineData("6.12.95+deb12-amd64", "Pageout", "paddr", false, "NoSnapshotLimit")]
    [InlineData("7.3.4+deb13-amd64", "MigrateHot", "vaddr", true, "None")]
    [InlineData("7.3.4+deb13-amd64", "HugePage", "paddr", false, "NeedsVirtual")]
    public async Task What_the_kernel_can_be_asked_for_is_told_and_marked_as_expected(string release, string action, string operations, bool supported, string reason)
    {
        using var host = Machines.WithEverything();
        host.Write("/proc/sys/kernel/osrelease", release + "\n");
        var can = (await Json(host)).GetProperty("damon").GetProperty("can");
        can.GetProperty("isExpected").GetBoolean().Should().BeTrue();
        var entry = can.GetProperty("actions").EnumerateArray().Single(entry => entry.GetProperty("action").GetString() == action && entry.GetProperty("operations").GetString() == operations);
        (entry.GetProperty("supported").GetBoolean(), entry.GetProperty("reason").GetString()).Should().Be((supported, reason));
        var text = (await CliRun.On(host.Folder, "doctor")).Out;
        text.Should().MatchRegex($@" {action} .*{(supported ? "yes" : reason)}").And.Contain("not tried out");
    }

    [Fact]
    public async Task Modules_are_told_with_state_and_thread_and_without_damon_nothing_is_said_of_it()
    {
        using var host = Machines.WithEverything();
        host.Write("/sys/module/damon_stat/parameters/enabled", "Y\n").Write("/sys/module/damon_stat/parameters/kdamond_pid", "61\n").Write("/sys/module/damon_lru_sort/parameters/enabled", "N\n");
        var modules = (await Json(host)).GetProperty("damon").GetProperty("modules").EnumerateArray().ToList();
        modules.ConvertAll(module => (module.GetProperty("module").GetString(), module.GetProperty("isOn").GetBoolean(), module.GetProperty("kdamondPid").GetInt32()))
            .Should().Equal(("damon_stat", true, 61), ("damon_lru_sort", false, -1));
        (await CliRun.On(host.Folder, "doctor")).Out.Should().Contain("damon_stat on (kdamond pid 61), damon_lru_sort off");
        host.Remove("/sys/kernel/mm/damon").Remove("/sys/module");
        (await Json(host)).GetProperty("damon").GetProperty("can").ValueKind.Should().Be(JsonValueKind.Null);
    }

    [Theory]
    [InlineData("off", "is configured and off", false)]
    [InlineData("on", "runs", true)]
    public async Task Only_a_kdamond_that_runs_is_said_to_clear_accessed_bits(string state, string words, bool clears)
    {
        using var host = Machines.WithForeignKdamond();
        host.Write(Machines.Kdamonds + "/0/state", state + "\n");
        var message = (await Json(host)).GetProperty("findings")[0].GetProperty("message").GetString()!;
        message.Should().Contain(words);
        message.Contains("clears accessed bits", StringComparison.Ordinal).Should().Be(clears);
    }

    [Theory]
    [InlineData("damon_stat", "ModuleStat")]
    [InlineData("damon_reclaim", "ModuleReclaim")]
    [InlineData("damon_lru_sort", "ModuleLruSort")]
    public async Task A_module_that_owns_damon_is_named_with_the_way_to_switch_it_off(string module, string owner)
    {
        using var host = Machines.WithEverything();
        host.Write($"/sys/module/{module}/parameters/enabled", "Y\n");
        var json = await Json(host);
        json.GetProperty("damon").GetProperty("owner").GetString().Should().Be(owner);
        json.GetProperty("damon").GetProperty("module").GetString().Should().Be(module);
        var finding = json.GetProperty("findings").EnumerateArray().Should().ContainSingle().Subject;
        finding.GetProperty("remedy").GetString().Should().Contain($"/sys/module/{module}/parameters/enabled");
        (await CliRun.On(host.Folder, "doctor")).Out.Should().MatchRegex($@"DAMON +in use by the kernel module {module}\n");
    }

    [Fact]
    public async Task Without_swap_it_says_what_that_means_for_anonymous_memory()
    {
        using var host = Machines.WithEverything();
        host.Write("/proc/swaps", "Filename Type Size Used Priority\n").Write("/proc/meminfo", "MemTotal: 1048576 kB\nMemAvailable: 524288 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n");
        Reasons(await Json(host)).Should().Equal("NoSwap");
        (await CliRun.On(host.Folder, "doctor")).Out.Should().MatchRegex(@"swap +none: anonymous memory cannot be paged out\n");
    }

    [Fact]
    public async Task Memory_that_cannot_be_read_is_unknown_and_not_taken_for_a_machine_without_swap()
    {
        using var host = Machines.WithEverything();
        host.Remove("/proc/meminfo").Remove("/proc/swaps");
        var json = await Json(host);
        json.GetProperty("memory").ValueKind.Should().Be(JsonValueKind.Null);
        Reasons(json).Should().Equal("MemoryUnknown");
        (await CliRun.On(host.Folder, "doctor")).Out.Should().MatchRegex(@"memory +unknown\n").And.NotContain("none: anonymous");
    }

    [Theory]
    [InlineData("v2", "V2", true, null, "v2, memory in v2 at /sys/fs/cgroup")]
    [InlineData("v2 without memory", "V2", false, "NoMemoryController", "v2, memory is not accounted")]
    [InlineData("v1", "V1", false, "MemoryInCgroupV1", "v1, memory in v1 at /sys/fs/cgroup/memory")]
    [InlineData("hybrid", "Hybrid", false, "MemoryInCgroupV1", "v1 and v2, memory in v1 at /sys/fs/cgroup/memory")]
    [InlineData("hybrid with memory in v2", "Hybrid", true, null, "v1 and v2, memory in v2 at /sys/fs/cgroup/unified")]
    [InlineData("none", "None", false, "NoCgroups", "none")]
    public async Task Cgroups_are_told_apart_by_where_memory_is_accounted(string layout, string version, bool memoryIsV2, string? finding, string line)
    {
        using var host = Machines.WithEverything();
        host.Remove("/sys/fs/cgroup");
        switch (layout)
        {
            case "v2":
                host.Write("/sys/fs/cgroup/cgroup.controllers", "cpu memory\n");
                break;
            case "v2 without memory":
                host.Write("/sys/fs/cgroup/cgroup.controllers", "cpu\n");
                break;
            case "v1":
                host.Write("/sys/fs/cgroup/memory/cgroup.procs", "");
                break;
            case "hybrid":
                host.Write("/sys/fs/cgroup/memory/cgroup.procs", "").Write("/sys/fs/cgroup/unified/cgroup.controllers", "\n");
                break;
            case "hybrid with memory in v2":
                host.Write("/sys/fs/cgroup/unified/cgroup.controllers", "memory\n");
                break;
            default:
                break;
        }

        var json = await Json(host);
        json.GetProperty("cgroups").GetProperty("version").GetString().Should().Be(version);
        json.GetProperty("cgroups").GetProperty("memoryIsV2").GetBoolean().Should().Be(memoryIsV2);
        Reasons(json).Should().Equal(finding is null ? [] : [finding]);
        (await CliRun.On(host.Folder, "doctor")).Out.Should().MatchRegex($@"cgroups +{line}\n");
    }

    [Theory]
    [InlineData("000001fffff7ffff", "IdlePage", "NeedsCapSysPtrace", "SYS_PTRACE")]
    [InlineData("000001fffffffffd", "Referenced", "NeedsCapDacOverride", "DAC_OVERRIDE")]
    [InlineData("000001fffffffff9", "IdlePage", "NeedsCapDacReadSearch", "DAC_READ_SEARCH")]
    public async Task A_missing_capability_comes_with_the_way_to_add_it(string effective, string backend, string reason, string remedy)
    {
        using var host = Machines.WithEverything();
        host.Write("/proc/self/status", $"Uid:\t0\t0\t0\t0\nCapEff:\t{effective}\n");
        var json = await Json(host);
        var entry = Of(json, "backends", "backend", backend);
        entry.GetProperty("reason").GetString().Should().Be(reason);
        entry.GetProperty("remedy").GetString().Should().Contain($"add {remedy} ");
        json.GetProperty("capabilities").GetProperty("CAP_" + remedy).GetBoolean().Should().BeFalse();
    }

    // Bits of CapEff: 1 DAC_OVERRIDE, 2 DAC_READ_SEARCH, 3 FOWNER, 5 KILL, 19 SYS_PTRACE, 21 SYS_ADMIN, 23 SYS_NICE, 24 SYS_RESOURCE.
    [Theory]
    [InlineData("000001ffffffffff", "")]
    [InlineData("000001fffeffffdf", "")] // nothing here needs CAP_KILL or CAP_SYS_RESOURCE
    [InlineData("000001fffffffff3", "")] // who may write any file may read any, and page out any
    [InlineData("000001fffffffffd", "CAP_DAC_OVERRIDE")]
    [InlineData("000001fffffffff1", "CAP_DAC_OVERRIDE CAP_DAC_READ_SEARCH CAP_FOWNER!")]
    [InlineData("000001fffff7ffff", "CAP_SYS_PTRACE")]
    [InlineData("000001ffffdfffff", "CAP_SYS_ADMIN!")]
    [InlineData("000001ffff7fffff", "CAP_SYS_NICE")]
    public async Task What_a_missing_capability_costs_is_told_and_whether_the_kernel_would_tell(string effective, string missing)
    {
        using var host = Machines.WithEverything();
        host.Write("/proc/self/status", $"Uid:\t0\t0\t0\t0\nCapEff:\t{effective}\n");
        var told = (await Json(host)).GetProperty("missingCapabilities").EnumerateArray().ToList();
        string.Join(' ', told.Select(entry => entry.GetProperty("name").GetString() + (entry.GetProperty("isSilent").GetBoolean() ? "!" : ""))).Should().Be(missing);
        told.Select(entry => entry.GetProperty("without").GetString()!).Where(without => !without.EndsWith('.')).Should().BeEmpty();
        var text = Unfolded((await CliRun.On(host.Folder, "doctor")).Out);
        foreach (var name in missing.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            text.Should().Contain($"without {name.TrimEnd('!')}: ");
        }

        text.Contains("The kernel reports no error.", StringComparison.Ordinal).Should().Be(missing.Contains('!', StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Without_proc_there_is_nothing_to_say_and_the_command_fails(bool hasFolder)
    {
        using var host = new FakeHost();
        if (!hasFolder)
        {
            host.Remove("/proc");
        }

        foreach (var format in new[] { "text", "json" })
        {
            var run = await CliRun.On(host.Folder, "doctor", "-o", format);
            run.ExitCode.Should().Be(ExitCode.Failed);
            run.Out.Should().BeEmpty();
            run.ErrorLines.Should().ContainSingle().Which.Should().Contain(host.Folder).And.Contain("/proc");
        }
    }

    [Theory]
    [InlineData("/proc/sys/kernel/osrelease", "5.15.0\n")]
    [InlineData("/proc/meminfo", "nonsense\n")]
    [InlineData("/proc/self/status", "")]
    public async Task One_file_of_proc_is_enough_to_go_on(string path, string content)
    {
        using var host = FakeHost.With((path, content));
        (await Json(host)).GetProperty("auto").GetProperty("backend").ValueKind.Should().Be(JsonValueKind.Null);
    }

    [Theory]
    [InlineData("everything")]
    [InlineData("nothing")]
    [InlineData("foreign kdamond")]
    public async Task No_line_is_wider_than_80_columns(string machine)
    {
        using var host = machine switch
        {
            "everything" => Machines.WithEverything(),
            "nothing" => Machines.WithNothing(),
            _ => Machines.WithForeignKdamond(),
        };
        var run = await CliRun.On(host.Folder, "doctor");
        run.ExitCode.Should().Be(ExitCode.Ok);
        run.OutLines.Should().OnlyContain(line => line.Length <= 80).And.OnlyContain(line => line.TrimEnd() == line);
    }

    [Fact]
    public async Task Nothing_of_the_host_is_changed()
    {
        using var host = Machines.WithForeignKdamond();
        var before = host.Snapshot();
        await CliRun.On(host.Folder, "doctor");
        host.Snapshot().Should().Equal(before);
    }

    [Fact]
    public async Task This_machine_can_be_read()
    {
        var run = await CliRun.Of("doctor", "-o", "json");
        run.ExitCode.Should().Be(ExitCode.Ok);
        using var json = JsonDocument.Parse(run.Out);
        json.RootElement.GetProperty("memory").GetProperty("totalBytes").GetUInt64().Should().BeGreaterThan(0);
    }

    private static async Task<JsonElement> Json(FakeHost host)
    {
        var run = await CliRun.On(host.Folder, "doctor", "-o", "json");
        run.ExitCode.Should().Be(ExitCode.Ok, "the facts could be read");
        run.Error.Should().BeEmpty();
        using var document = JsonDocument.Parse(run.Out);
        return document.RootElement.Clone();
    }

    private static JsonElement Of(JsonElement json, string list, string key, string name) =>
        json.GetProperty(list).EnumerateArray().Single(entry => entry.GetProperty(key).GetString() == name);

    private static IEnumerable<string?> Names(JsonElement json, string list, string key) => json.GetProperty(list).EnumerateArray().Select(entry => entry.GetProperty(key).GetString());

    private static IEnumerable<string?> Reasons(JsonElement json) => Names(json, "findings", "reason");

    private static string Unfolded(string text) => string.Join(' ', text.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries));
}
