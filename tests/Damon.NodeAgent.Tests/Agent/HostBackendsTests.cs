using Damon.Engine.Machine;
using Damon.NodeAgent.Agent;
using Damon.Testing;

namespace Damon.NodeAgent.Tests.Agent;

public class HostBackendsTests
{
    private const string Nodes = "/sys/devices/system/node";

    [Fact]
    public void Memory_that_comes_is_seen_and_the_rest_of_the_facts_stays()
    {
        using var host = Host("0");
        var backends = Backends(host, new VirtualTime());
        var facts = backends.Facts;
        backends.RefreshMemory().Should().BeFalse("nothing has changed");

        host.Write(Nodes + "/has_memory", "0-1\n").Write(Nodes + "/online", "0-1\n").Write("/proc/sys/kernel/osrelease", "7.0.0\n");

        backends.RefreshMemory().Should().BeTrue();
        backends.RefreshMemory().Should().BeFalse();
        backends.Facts.Tiers.Slow.Should().Equal(1);
        backends.Facts.NumaNodes.Should().Equal(0, 1);
        backends.Facts.Kernel.Should().Be(facts.Kernel);
    }

    [Fact]
    public void Tiers_that_cannot_be_read_for_a_moment_are_what_they_were_and_after_a_minute_they_are_unknown()
    {
        using var host = Host("0-1");
        var time = new VirtualTime();
        var backends = Backends(host, time);
        host.Write(Nodes + "/has_memory", "0");

        backends.RefreshMemory().Should().BeFalse();
        time.Advance(TimeSpan.FromSeconds(59));
        backends.Refresh();
        backends.RefreshMemory().Should().BeFalse();
        backends.Facts.Tiers.Slow.Should().Equal(1);

        time.Advance(TimeSpan.FromSeconds(1));
        backends.RefreshMemory().Should().BeTrue();
        backends.Facts.Tiers.Reason.Should().Be(CapabilityReason.MemoryTiersUnknown);

        host.Write(Nodes + "/has_memory", "0-1\n");
        backends.RefreshMemory().Should().BeTrue();
        host.Write(Nodes + "/has_memory", "0");
        time.Advance(TimeSpan.FromSeconds(59));
        backends.RefreshMemory().Should().BeFalse("the minute begins anew each time");
    }

    [Fact]
    public void Tiers_that_never_could_be_read_are_unknown_at_once()
    {
        using var host = new FakeHost();

        Backends(host, new VirtualTime()).Facts.Tiers.Reason.Should().Be(CapabilityReason.MemoryTiersUnknown);
    }

    [Fact]
    public void A_kernel_s_DAMON_that_is_switched_off_is_chosen_for_nobody_free_or_not_and_the_facts_say_why()
    {
        using var host = Host("0");
        var time = new VirtualTime();
        host.Write("/sys/kernel/mm/damon/admin/kdamonds/nr_kdamonds", "0\n");
        Backends(host, time).ChooseForNode().Backend.Should().Be(MonitoringBackend.Kernel, "nobody has it");
        var backends = Backends(host, time, usesKernel: false);

        for (var round = 0; round < 3; round++)
        {
            (backends.ChooseForNode().Backend, backends.ChooseForNode().Reason).Should().Be((null, "SwitchedOff"));
            (backends.Choose(RequestedBackend.Kernel).Backend, backends.Choose(RequestedBackend.Kernel).Reason).Should().Be((null, "SwitchedOff"));
            backends.Choose(RequestedBackend.Auto).Backend.Should().NotBe(MonitoringBackend.Kernel);
            backends.Facts.Backend(MonitoringBackend.Kernel).Reason.Should().Be(CapabilityReason.SwitchedOff);
            backends.Refresh();
            backends.RefreshMemory();
            time.Advance(TimeSpan.FromMinutes(2));
        }

        host.Write("/sys/module/damon_stat/parameters/enabled", "Y\n");
        backends.ExclusiveModules = Enum.GetValues<DamonModule>().ToHashSet();
        backends.Refresh();
        backends.Choose(RequestedBackend.Kernel).Backend.Should().BeNull("a module that may be switched off changes nothing about it");
    }

    private static HostBackends Backends(FakeHost host, TimeProvider time, bool usesKernel = true) =>
        new(host.Root, time, (_, _) => throw new InvalidOperationException("No kernel senses here."), usesKernel: usesKernel);

    private static FakeHost Host(string memory) => FakeHost.With(
        (Nodes + "/has_memory", memory + "\n"), (Nodes + "/online", memory + "\n"), (Nodes + "/has_cpu", "0\n"), ("/proc/sys/kernel/osrelease", "6.12.1\n"));
}
