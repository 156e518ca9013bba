using Damon.Cli.Tests.Doctor;
using Damon.Testing;

namespace Damon.Cli.Tests.Run;

/// <summary>What is refused before anything is looked at. Runs on real processes are for the demonstration: a test writes nothing to another process's /proc.</summary>
public class RunCommandTests
{
    [Theory]
    [InlineData("Name what to look at")]
    [InlineData("Cannot parse argument 'x'", "--pid", "x")]
    [InlineData("Cannot parse argument '--duration'", "--pid", "--duration", "5s")]
    [InlineData("\"Foo\" is not a rail", "--pid", "42", "--accept", "Foo")]
    [InlineData("\"Pressure\" is not a rail that can be lifted", "--pid", "42", "--accept", "Pressure")]
    [InlineData("\"Foo\" is not a backend", "--pid", "42", "--backend", "Foo")]
    [InlineData("\"1\" is not a backend", "--pid", "42", "--backend", "1")]
    [InlineData("\"Act\" is not a mode", "--pid", "42", "--mode", "Act")]
    [InlineData("--duration: \"5\" is a duration without a unit", "--pid", "42", "--duration", "5")]
    [InlineData("--floor: \"5MB\" is not a size", "--pid", "42", "--floor", "5MB")]
    [InlineData("--cpu-ceiling: 0%", "--pid", "42", "--cpu-ceiling", "0%")]
    [InlineData("spec.pattern.age.min", "--pid", "42", "--set", "pattern.age.min=5")]
    public async Task A_wrong_command_line_is_refused_with_one_clear_line(string message, params string[] more)
    {
        using var host = Machines.WithEverything();

        var run = await CliRun.On(host.Folder, ["run", "-f", RepositoryFiles.ReclaimCold, .. more]);

        run.ExitCode.Should().Be(ExitCode.BadInput);
        run.Error.Should().Contain(message);
        run.Out.Should().BeEmpty();
    }

    [Fact]
    public async Task A_command_that_does_not_exist_is_named()
    {
        using var host = Machines.WithEverything();

        var run = await CliRun.On(host.Folder, "run", "-f", RepositoryFiles.ReclaimCold, "--backend", "Referenced", "--", "/no/such/program", "--its-option");

        run.ExitCode.Should().Be(ExitCode.BadInput);
        run.Error.Should().Contain("/no/such/program could not be started");
    }

    [Fact]
    public async Task A_process_that_does_not_exist_is_named_and_the_run_fails()
    {
        using var host = Machines.WithEverything();

        var run = await CliRun.On(host.Folder, "run", "-f", RepositoryFiles.ReclaimCold, "--backend", "Referenced", "--pid", "4711");

        run.ExitCode.Should().Be(ExitCode.Failed);
        run.Error.Should().Contain("pid 4711: not looked at: there is no such process").And.Contain("there is nothing to look at");
    }

    [Fact]
    public async Task A_cgroup_that_does_not_exist_is_named()
    {
        using var host = Machines.WithEverything();

        var run = await CliRun.On(host.Folder, "run", "-f", RepositoryFiles.ReclaimCold, "--backend", "Referenced", "--cgroup", "/sys/fs/cgroup/nope");

        run.ExitCode.Should().Be(ExitCode.Failed);
        run.Error.Should().Contain("/sys/fs/cgroup/nope");
    }

    [Fact]
    public async Task A_field_that_is_not_carried_out_is_named_and_nothing_runs()
    {
        using var host = Machines.WithEverything();

        var run = await CliRun.On(
            host.Folder, "run", "-f", RepositoryFiles.ReclaimCold, "--set", "quota.goals=[{metric: NodeCgroupUsed, target: \"5%\", node: 0}]", "--backend", "Referenced", "--pid", "42");

        run.ExitCode.Should().Be(ExitCode.Unsupported);
        run.Error.Should().Contain("UnsupportedField: spec.quota.goals[0].metric");
    }

    [Fact]
    public async Task Enforce_on_the_command_line_needs_a_budget_too()
    {
        using var host = Machines.WithEverything();

        var run = await CliRun.On(
            host.Folder, "run", "-f", RepositoryFiles.ReclaimCold, "--set", "quota.size=null", "--mode", "Enforce", "--backend", "Referenced", "--pid", "42");

        run.ExitCode.Should().Be(ExitCode.Unsupported);
        run.Error.Should().Contain("NoQuota: spec.quota");
    }

    [Theory]
    [InlineData("Observe")]
    [InlineData("Enforce")]
    public async Task A_memory_node_that_is_not_there_is_named_before_anything_runs(string mode)
    {
        using var host = Machines.WithEverything();

        var run = await CliRun.On(
            host.Folder, "run", "-f", RepositoryFiles.ReclaimCold, "--set", "action.type=MigrateCold", "--set", "action.destinations=[{node: 1}, {node: 7}]", "--mode", mode, "--pid", "42");

        run.ExitCode.Should().Be(ExitCode.Unsupported);
        run.Error.Should().Contain("NoMemoryNode: spec.action.destinations[1].node: this machine has no memory node 7; it has 0, 1");
    }

    [Theory]
    [InlineData("0-1", "OneMemoryTier: spec.action.destinations[0].tier: All memory is in one tier, nodes 0, 1")]
    [InlineData("0,1", "OneMemoryTier: spec.action.destinations[0].tier: ")]
    [InlineData("0-", "MemoryTiersUnknown: spec.action.destinations[0].tier: ")]
    public async Task A_tier_that_the_machine_does_not_have_is_named_before_anything_runs(string nodes, string why)
    {
        using var host = Machines.WithEverything();
        host.Write("/sys/devices/virtual/memory_tiering/memory_tier4/nodelist", nodes + "\n").Remove("/sys/devices/virtual/memory_tiering/memory_tier22");

        var run = await CliRun.On(host.Folder, "run", "-f", RepositoryFiles.ReclaimCold, "--set", "action.type=MigrateCold", "--set", "action.destinations=[{tier: Slow}]", "--pid", "42");

        run.ExitCode.Should().Be(ExitCode.Unsupported);
        run.Error.Should().Contain(why);
    }

    [Fact]
    public async Task Reclaim_is_only_observed_and_who_does_more_is_named()
    {
        using var host = Machines.WithEverything();

        var run = await CliRun.On(host.Folder, "run", "-f", RepositoryFiles.ReclaimCold, "--set", "action.type=Reclaim", "--mode", "Enforce", "--pid", "42");

        run.ExitCode.Should().Be(ExitCode.Unsupported);
        run.Error.Should().Contain("UnsupportedField: spec.action.type: Reclaim is only observed here").And.Contain("the node agent");
    }

    [Fact]
    public async Task Pages_are_not_moved_on_real_memory_while_the_rail_for_placement_is_missing()
    {
        using var host = Machines.WithEverything();

        var run = await CliRun.On(
            host.Folder, "run", "-f", RepositoryFiles.ReclaimCold, "--set", "action.type=MigrateCold", "--set", "action.destinations=[{node: 1}]", "--mode", "Enforce", "--pid", "42");

        run.ExitCode.Should().Be(ExitCode.Unsupported);
        run.Error.Should().Contain("UnsupportedField: spec.action.type: MigrateCold is only observed");
    }

    [Fact]
    public async Task Without_a_backend_the_reasons_are_told_and_referenced_is_not_taken_silently()
    {
        using var host = new FakeHost();
        host.Write("/proc/meminfo", "MemTotal: 1000 kB\n");

        var run = await CliRun.On(host.Folder, "run", "-f", RepositoryFiles.ReclaimCold, "--pid", "42");

        run.ExitCode.Should().Be(ExitCode.Unsupported);
        run.Error.Should().StartWith("no backend: NoIdlePageTracking").And.Contain("Kernel:").And.Contain("Referenced");
    }

    [Fact]
    public async Task Referenced_is_refused_beside_somebody_elses_kdamond()
    {
        using var host = Machines.WithEverything();
        host.Write("/sys/kernel/mm/damon/admin/kdamonds/nr_kdamonds", "1\n");
        host.Write("/sys/kernel/mm/damon/admin/kdamonds/0/state", "on\n");
        host.Write("/sys/kernel/mm/damon/admin/kdamonds/0/pid", "77\n");

        var run = await CliRun.On(host.Folder, "run", "-f", RepositoryFiles.ReclaimCold, "--backend", "Referenced", "--pid", "42");

        run.ExitCode.Should().Be(ExitCode.Unsupported);
        run.Error.Should().StartWith("no backend: ForeignKdamond");
    }

    [Theory]
    [InlineData(ExitCode.BadInput, "takes --cgroup", "--pid", "42")]
    [InlineData(ExitCode.BadInput, "cannot be recorded", "--cgroup", "/sys/fs/cgroup/app", "--record", "x")]
    [InlineData(ExitCode.BadInput, "no control group of version 2", "--cgroup", "/sys/fs/cgroup/nope")]
    [InlineData(ExitCode.BadInput, "no control group of version 2", "--cgroup", "/sys/fs/cgroup")]
    [InlineData(ExitCode.Unsupported, "no scheme can be carried out", "--cgroup", "/sys/fs/cgroup/app", "--mode", "Enforce", "--set", "expiresAfter=1h")]
    public async Task A_run_of_a_node_is_refused_before_anything_is_written(int exitCode, string message, params string[] more)
    {
        using var host = Machines.WithEverything().Write("/sys/fs/cgroup/app/memory.current", "0\n");
        var file = Path.Combine(host.Write("/node.yaml", NodeScheme).Folder, "node.yaml");

        var run = await CliRun.On(host.Folder, ["run", "-f", file, .. more]);

        run.Error.Should().Contain(message);
        run.ExitCode.Should().Be(exitCode);
        host.Root.ReadText("/sys/kernel/mm/damon/admin/kdamonds/nr_kdamonds").Value.Should().Be("0");
    }

    [Fact]
    public async Task A_run_of_a_node_leaves_somebody_elses_DAMON_alone()
    {
        using var host = Machines.WithForeignKdamond().Write("/sys/fs/cgroup/app/memory.current", "0\n")
            .Write("/proc/sys/kernel/random/boot_id", "boot-1\n").Write("/proc/self/stat", "500 (damonctl) S 1 0 0 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 500 0 0\n");
        var file = Path.Combine(host.Write("/node.yaml", NodeScheme).Folder, "node.yaml");

        var run = await CliRun.On(host.Folder, "run", "-f", file, "--cgroup", "/sys/fs/cgroup/app", "--node-targets");

        run.ExitCode.Should().Be(ExitCode.Unsupported);
        run.Error.Should().Contain("Busy").And.Contain("thread 77");
        host.Root.ReadText("/sys/kernel/mm/damon/admin/kdamonds/nr_kdamonds").Value.Should().Be("1");
    }

    private const string NodeScheme =
        """
        apiVersion: damon.dev/v1alpha1
        kind: DamonScheme
        metadata: {name: node}
        spec:
          target: {kind: Node}
          action: {type: Pageout}
          quota: {size: 1Mi}

        """;
}
