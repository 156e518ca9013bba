using Damon.Engine.Host;
using Damon.Engine.KernelDamon;
using Damon.Engine.Regions;
using Damon.Testing;

namespace Damon.Engine.Tests.KernelDamon;

public class NodeScopeTests
{
    private const ulong Floor = 1 << 20;

    [Fact]
    public void A_pods_memory_is_in_the_groups_of_its_containers()
    {
        using var host = Machine();
        Add(host, "/pods", 100 << 20);
        Add(host, "/pods/a", 50 << 20);
        Add(host, "/pods/a/one", 20 << 20);
        Add(host, "/pods/a/two", 30 << 20);
        Add(host, "/other", 30 << 20);

        Find(host, "/pods").Should().Equal(new EligibleCgroup("/pods/a/one", (20 << 20) - Floor), new EligibleCgroup("/pods/a/two", (30 << 20) - Floor));
    }

    [Fact]
    public void A_group_at_its_floor_or_protected_by_its_own_limits_is_left_alone()
    {
        using var host = Machine();
        Add(host, "/pods/floor", Floor);
        Add(host, "/pods/low", 20 << 20, low: "20971520");
        Add(host, "/pods/min", 20 << 20, min: "max");
        Add(host, "/pods/free", Floor + 4096);

        Find(host, "/pods").Should().Equal(new EligibleCgroup("/pods/free", 4096));
    }

    [Fact]
    public void A_group_whose_protection_cannot_be_read_is_left_alone()
    {
        using var host = Machine();
        Add(host, "/pods/x", 20 << 20);
        host.Remove("/sys/fs/cgroup/pods/x/memory.low");

        Find(host, "/pods").Should().BeEmpty();
    }

    [Theory]
    [InlineData("/")]
    [InlineData("")]
    [InlineData("pods")]
    [InlineData("/gone")]
    [InlineData("/../..")]
    public void The_whole_machine_and_what_is_not_there_give_nothing(string root)
    {
        using var host = Machine();
        Add(host, "/pods/x", 20 << 20);

        Find(host, root).Should().BeEmpty();
    }

    [Fact]
    public void All_memory_is_looked_at_whatever_may_be_acted_on()
    {
        using var host = Machine();

        new NodeScope(host.Root, ["/pods"], Floor, 4096).Read().Value.Targets.Should().Equal(new KernelTarget(0) { Ranges = [new AddressRange(0x1000, 0x1000000)] });
    }

    [Fact]
    public void Without_groups_of_version_2_floors_cannot_be_kept_and_nothing_is_in_scope()
    {
        using var host = Machine();
        host.Remove("/sys/fs/cgroup/cgroup.controllers");

        new NodeScope(host.Root, ["/pods"], Floor, 4096).Read().Error.Kind.Should().Be(HostErrorKind.Unsupported);
    }

    private static IReadOnlyList<EligibleCgroup> Find(FakeHost host, string root) => new NodeScope(host.Root, [root], Floor, 4096).Read().Value.Cgroups;

    private static FakeHost Machine() => FakeHost.With(
        ("/proc/iomem", "00001000-00ffffff : System RAM\n"),
        ("/proc/zoneinfo", "Node 0, zone DMA\n spanned 4095\n start_pfn: 1\n"),
        ("/sys/fs/cgroup/cgroup.controllers", "cpu memory\n"));

    private static void Add(FakeHost host, string path, ulong current, string min = "0", string low = "0") =>
        host.Write($"/sys/fs/cgroup{path}/memory.current", $"{current}\n").Write($"/sys/fs/cgroup{path}/memory.min", $"{min}\n").Write($"/sys/fs/cgroup{path}/memory.low", $"{low}\n");
}
