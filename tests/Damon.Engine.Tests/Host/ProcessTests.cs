using Damon.Engine.Host;
using Damon.Testing;

namespace Damon.Engine.Tests.Host;

public class ProcessTests
{
    [Fact]
    public void A_watch_tells_exec_exit_and_a_recycled_pid_apart()
    {
        using var host = new FakeHost();
        var same = Watch(host.Process(10));
        var exec = Watch(host.Process(11));
        var zombie = Watch(host.Process(12));
        var gone = Watch(host.Process(13));
        var recycled = Watch(host.Process(14));
        exec.Process.Exec();
        zombie.Process.BecomeZombie();
        gone.Process.Vanish();
        recycled.Process.BeReplaced(startTimeTicks: 2000);

        same.Watch.Check().Should().Be(ProcessLife.Same);
        exec.Watch.Check().Should().Be(ProcessLife.ReplacedByExec);
        zombie.Watch.Check().Should().Be(ProcessLife.Exited);
        gone.Watch.Check().Should().Be(ProcessLife.Exited);
        recycled.Watch.Check().Should().Be(ProcessLife.Exited);
        foreach (var (_, watch) in new[] { same, exec, zombie, gone, recycled })
        {
            watch.Dispose();
        }

        (FakeProcess Process, ProcessWatch Watch) Watch(FakeProcess process) => (process, ProcessWatch.Open(host.Root, process.Identity).Value);
    }

    [Fact]
    public void A_stat_that_cannot_be_read_leaves_the_question_open()
    {
        using var host = new FakeHost();
        var process = host.Process(10);
        using var watch = ProcessWatch.Open(host.Root, 10).Value;
        host.Write("/proc/10/stat", "10 (app");
        watch.Check().Should().Be(ProcessLife.Unknown);
        host.Write("/proc/10/stat", new string('x', 100_000));
        watch.Check().Should().Be(ProcessLife.Unknown);
    }

    [Fact]
    public void No_watch_opens_on_another_process_s_pid_or_on_an_ended_one()
    {
        using var host = new FakeHost();
        host.Process(10, startTimeTicks: 5);
        host.Process(11).BecomeZombie();
        host.Write("/proc/12/stat", "12 (");
        ProcessWatch.Open(host.Root, new ProcessIdentity(10, 4)).Error.Kind.Should().Be(HostErrorKind.Vanished);
        ProcessWatch.Open(host.Root, 11).Error.Kind.Should().Be(HostErrorKind.Vanished);
        ProcessWatch.Open(host.Root, 12).Error.Kind.Should().Be(HostErrorKind.Malformed);
        ProcessWatch.Open(host.Root, 13).Error.Kind.Should().Be(HostErrorKind.Vanished);
        ProcessTree.Identify(host.Root, 10).Value.Should().Be(new ProcessIdentity(10, 5));
    }

    [Fact]
    public void Asking_a_watch_allocates_nothing()
    {
        using var host = new FakeHost();
        using var watch = ProcessWatch.Open(host.Root, host.Process(10).Identity).Value;
        Allocations.Of(() => watch.Check()).Should().Be(0);
    }

    // 1 ─┬─ 10 ─┬─ 20 ── 30
    //    │      └─ 21 (zombie)
    //    └─ 11
    [Fact]
    public void A_tree_is_the_roots_and_everything_below()
    {
        using var host = new FakeHost();
        host.Process(10).Map();
        host.Process(11);
        host.Process(20, parent: 10, command: "x) S 11 (");
        host.Process(21, parent: 10).BecomeZombie();
        host.Process(30, parent: 20);
        host.Write("/proc/40/stat", "41 (liar) S 10").MakeDirectory("/proc/50").Write("/proc/sys/x", "");
        var found = new List<ProcessIdentity>();

        ProcessTree.Find(host.Root, [new(10, 1000)], found).Value.Should().Be(3);
        found.Select(p => p.Pid).Should().Equal(10, 20, 30);
        ProcessTree.Find(host.Root, [new(10, 1000), new(20, 1000)], found).Value.Should().Be(3, "each process is found once");
        ProcessTree.Find(host.Root, [new(10, 999)], found).Value.Should().Be(0, "that root is gone and its pid somebody else's");
        ProcessTree.Find(host.Root, [new(10, 1000)], found, maxProcesses: 2).Value.Should().Be(2);
    }

    [Fact]
    public void Parents_that_point_at_each_other_do_not_loop()
    {
        using var host = new FakeHost();
        host.Process(10, parent: 11);
        host.Process(11, parent: 10);
        host.Process(12, parent: 12);
        var found = new List<ProcessIdentity>();
        ProcessTree.Find(host.Root, [new(10, 1000), new(12, 1000)], found).Value.Should().Be(3);
    }

    [Theory]
    [InlineData("/sys/fs/cgroup/kubepods/pod1")]
    [InlineData("/sys/fs/cgroup/memory/kubepods/pod1")]
    [InlineData("/sys/fs/cgroup/memory/kubepods/pod1/")]
    public void A_cgroup_s_processes_include_those_of_its_children(string directory)
    {
        using var host = new FakeHost();
        host.Process(10);
        host.Process(20);
        host.Process(30).BecomeZombie();
        var trimmed = directory.TrimEnd('/');
        host.Write(trimmed + "/cgroup.procs", "").Write(trimmed + "/a/cgroup.procs", "10\n10\n").Write(trimmed + "/b/c/cgroup.procs", "20\n30\n999\nnonsense\n").Write(trimmed + "/b/cgroup.procs", "10\n");
        var found = new List<ProcessIdentity>();
        CgroupProcesses.Find(host.Root, directory, found).Value.Should().Be(2);
        found.Should().BeEquivalentTo([new ProcessIdentity(10, 1000), new ProcessIdentity(20, 1000)]);
        CgroupProcesses.Find(host.Root, directory, found, maxCgroups: 1).Value.Should().Be(0);
        CgroupProcesses.Find(host.Root, directory, found, maxProcesses: 1).Value.Should().Be(1);
    }

    [Theory]
    [InlineData("/sys/fs/cgroup/gone", HostErrorKind.Vanished)]
    [InlineData("/sys/fs/cgroup/../../etc", HostErrorKind.Malformed)]
    public void A_cgroup_that_is_gone_or_outside_is_an_error(string directory, HostErrorKind kind)
    {
        using var host = new FakeHost();
        CgroupProcesses.Find(host.Root, directory, new List<ProcessIdentity>()).Error.Kind.Should().Be(kind);
    }

    [Fact]
    public void Each_cgroup_layout_is_told_by_its_files()
    {
        using var v2 = FakeHost.With(("/sys/fs/cgroup/cgroup.controllers", "cpu memory pids\n"));
        using var v2WithoutMemory = FakeHost.With(("/sys/fs/cgroup/cgroup.controllers", "cpu\n"));
        using var hybrid = FakeHost.With(("/sys/fs/cgroup/unified/cgroup.controllers", "\n"), ("/sys/fs/cgroup/memory/cgroup.procs", ""));
        using var v1 = FakeHost.With(("/sys/fs/cgroup/memory/cgroup.procs", ""));
        using var none = new FakeHost();
        CgroupLayout.Detect(v2.Root).Should().Be(new CgroupLayout(CgroupVersion.V2, "/sys/fs/cgroup", "/sys/fs/cgroup")).And.Match<CgroupLayout>(l => l.MemoryIsV2);
        CgroupLayout.Detect(v2WithoutMemory.Root).Should().Be(new CgroupLayout(CgroupVersion.V2, "", "/sys/fs/cgroup")).And.Match<CgroupLayout>(l => !l.MemoryIsV2);
        CgroupLayout.Detect(hybrid.Root).Should().Be(new CgroupLayout(CgroupVersion.Hybrid, "/sys/fs/cgroup/memory", "/sys/fs/cgroup/unified")).And.Match<CgroupLayout>(l => !l.MemoryIsV2);
        CgroupLayout.Detect(v1.Root).Should().Be(new CgroupLayout(CgroupVersion.V1, "/sys/fs/cgroup/memory", ""));
        CgroupLayout.Detect(none.Root).Should().Be(new CgroupLayout(CgroupVersion.None, "", ""));
    }
}
