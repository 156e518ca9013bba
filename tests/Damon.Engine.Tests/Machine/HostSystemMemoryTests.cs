using System.Text;
using CsCheck;
using Damon.Engine.Host;
using Damon.Engine.Machine;
using Damon.Engine.Monitoring;
using Damon.Testing;

namespace Damon.Engine.Tests.Machine;

public class HostSystemMemoryTests
{
    private const string Meminfos = "MemTotal: 100 kB\nMemFree: 50 kB\nMemAvailable: 80 kB\nActive: 30 kB\nInactive: 20 kB\nActive(anon): 7 kB\n";
    private const string NodeMeminfos = "Node 1 MemTotal:       200 kB\nNode 1 MemFree:        150 kB\nNode 1 MemUsed:  50 kB\nNode 1 Active:    10 kB\nNode 1 Inactive:   5 kB\nNode 1 Active(anon): 1 kB\n";
    private const string NumaStat = "anon N0=4096 N1=8192\nfile N0=100 N1=20\nanon_thp N0=1 N1=1\nfile_mapped N0=9 N1=9\n";
    private const string Node = "/sys/devices/system/node/node1/meminfo";
    private const string Cgroup = "/sys/fs/cgroup/kubepods/pod1/memory.numa_stat";
    private const string Psi = "/proc/pressure/memory";

    [Fact]
    public void The_machine_is_read_with_its_page_lists()
    {
        using var host = FakeHost.With(("/proc/meminfo", Meminfos));
        var memory = new HostSystemMemory(host.Root);

        memory.TryReadMachine(out var totals).Should().BeTrue(memory.LastError);

        totals.Should().Be(new MemoryTotals(102_400, 51_200, 81_920, 30_720, 20_480));
        memory.LastError.Should().BeEmpty();
    }

    [Fact]
    public void A_node_is_read_and_what_is_free_stands_for_what_is_available()
    {
        using var host = FakeHost.With((Node, NodeMeminfos));
        var memory = new HostSystemMemory(host.Root);

        memory.TryReadNode(1, out var totals).Should().BeTrue(memory.LastError);

        totals.Should().Be(new MemoryTotals(204_800, 153_600, 153_600, 10_240, 5120));
    }

    [Theory]
    [InlineData("/kubepods/pod1", 1, 8212)]
    [InlineData("kubepods/pod1/", 0, 4196)]
    public void A_control_group_uses_its_anonymous_and_file_memory_on_a_node(string path, int node, ulong used)
    {
        using var host = FakeHost.With(("/sys/fs/cgroup/cgroup.controllers", "cpu memory\n"), (Cgroup, NumaStat));
        var memory = new HostSystemMemory(host.Root);

        memory.TryReadCgroup(path, node, out var bytes).Should().BeTrue(memory.LastError);

        bytes.Should().Be(used);
    }

    [Fact]
    public void Pressure_is_the_total_of_the_line_some()
    {
        using var host = FakeHost.With((Psi, "some avg10=0.00 avg60=0.00 avg300=0.00 total=1234567\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=9\n"));
        var memory = new HostSystemMemory(host.Root);

        memory.TryReadPressure(out var stalled).Should().BeTrue(memory.LastError);

        stalled.Should().Be(TimeSpan.FromMicroseconds(1_234_567));
    }

    [Fact]
    public void What_is_not_there_is_a_value_that_names_the_file()
    {
        using var host = FakeHost.With(("/sys/fs/cgroup/cgroup.controllers", "memory\n"));
        var memory = new HostSystemMemory(host.Root);

        memory.TryReadMachine(out _).Should().BeFalse();
        memory.LastError.Should().StartWith("/proc/meminfo: Vanished");
        memory.TryReadNode(1, out _).Should().BeFalse();
        memory.LastError.Should().StartWith($"{Node}: Vanished");
        memory.TryReadNode(-1, out _).Should().BeFalse();
        memory.TryReadCgroup("/kubepods/pod1", 0, out _).Should().BeFalse();
        memory.LastError.Should().StartWith($"{Cgroup}: Vanished");
        memory.TryReadPressure(out _).Should().BeFalse();
        memory.LastError.Should().StartWith($"{Psi}: Vanished");
    }

    [Fact]
    public void An_error_is_forgotten_with_the_next_success()
    {
        using var host = FakeHost.With(("/proc/meminfo", Meminfos));
        var memory = new HostSystemMemory(host.Root);
        memory.TryReadNode(1, out _);

        memory.TryReadMachine(out _).Should().BeTrue();

        memory.LastError.Should().BeEmpty();
    }

    [Fact]
    public void Without_control_groups_of_version_2_nothing_is_known_of_a_node()
    {
        using var host = FakeHost.With(("/sys/fs/cgroup/memory/cgroup.procs", ""), ("/sys/fs/cgroup/memory/app/memory.numa_stat", "total=1 N0=1\n"));
        var memory = new HostSystemMemory(host.Root);

        memory.TryReadCgroup("/app", 0, out _).Should().BeFalse();

        memory.LastError.Should().Contain("version 2");
    }

    [Fact]
    public void A_path_that_climbs_is_refused()
    {
        using var host = FakeHost.With(("/sys/fs/cgroup/cgroup.controllers", "memory\n"), ("/sys/fs/memory.numa_stat", NumaStat));
        var memory = new HostSystemMemory(host.Root);

        memory.TryReadCgroup("/app/../..", 0, out _).Should().BeFalse();

        memory.LastError.Should().Contain("Malformed");
    }

    [Theory]
    [InlineData("")]
    [InlineData("anon N0=1\n")]
    [InlineData("anon N0=1\nfile N1=1\n")]
    [InlineData("anon N0=-1\nfile N0=1\n")]
    [InlineData("anon N0=18446744073709551616\nfile N0=1\n")]
    [InlineData("total=5 N0=5\nfile=1 N0=1\nanon=1 N0=1\n")]
    public void A_file_that_does_not_name_the_node_is_malformed(string content)
    {
        using var host = FakeHost.With(("/sys/fs/cgroup/cgroup.controllers", "memory\n"), (Cgroup, content));
        var memory = new HostSystemMemory(host.Root);

        memory.TryReadCgroup("/kubepods/pod1", 0, out _).Should().BeFalse();

        memory.LastError.Should().Contain("Malformed");
    }

    [Fact]
    public void The_sum_of_two_impossible_numbers_does_not_wrap()
    {
        CgroupNumaStat.TryGetUsed("anon N0=18446744073709551615\nfile N0=2\n"u8, 0, out var used).Should().BeTrue();

        used.Should().Be(ulong.MaxValue);
    }

    [Theory]
    [InlineData("some avg10=0.00 avg60=0.00 avg300=0.00 total=18446744073709551615\n")]
    [InlineData("some total=1\n")]
    [InlineData("\0\0\0")]
    public void Pressure_of_another_form_is_malformed(string content)
    {
        using var host = FakeHost.With((Psi, content));
        var memory = new HostSystemMemory(host.Root);

        memory.TryReadPressure(out _).Should().BeFalse();

        memory.LastError.Should().Contain("Malformed");
    }

    [Theory]
    [InlineData("/sys/fs/cgroup/app/one/", "/app/one")]
    [InlineData("/sys/fs/cgroup", "/")]
    [InlineData("/sys/fs/cgroups/app", null)]
    [InlineData("/app", null)]
    public void A_control_groups_path_is_that_below_the_root(string directory, string? path)
    {
        var layout = new CgroupLayout(CgroupVersion.V2, "/sys/fs/cgroup", "/sys/fs/cgroup");

        layout.TryGetPath(directory, out var found).Should().Be(path is not null);

        found.Should().Be(path ?? "");
        default(CgroupLayout).TryGetPath("/sys/fs/cgroup/app", out _).Should().BeFalse();
    }

    [Fact]
    public void Files_of_nodes_keep_their_promises_whatever_the_bytes() => Gen.OneOf(Damaged(NodeMeminfos), Damaged(NumaStat)).Sample(content =>
        (!NodeMeminfo.TryParse(content, out var node) || node.TotalBytes % 1024 == 0)
        && (!CgroupNumaStat.TryGetUsed(content, 1, out var used) || used > 0 || content.AsSpan().IndexOf("N1=0"u8) >= 0));

    private static Gen<byte[]> Damaged(string whole) =>
        Gen.Select(Gen.Int[0, whole.Length], Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Byte).Array[0, 4]).Select((length, changes) =>
        {
            var bytes = Encoding.UTF8.GetBytes(whole);
            foreach (var (at, value) in changes)
            {
                bytes[at] = value;
            }

            return bytes[..length];
        });
}
