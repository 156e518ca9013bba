using Damon.Engine.Machine;
using Damon.NodeAgent.Safety;
using Damon.NodeAgent.Standalone;
using Damon.Testing;

namespace Damon.NodeAgent.Tests.Standalone;

public class BackendGateTests
{
    private static readonly HashSet<SafetyRail> Nothing = [];

    [Fact]
    public void Referenced_is_refused_while_a_foreign_kdamond_runs_unless_accepted()
    {
        using var host = Machine();
        host.Write("/sys/kernel/mm/damon/admin/kdamonds/nr_kdamonds", "1\n");
        host.Write("/sys/kernel/mm/damon/admin/kdamonds/0/state", "on\n");
        host.Write("/sys/kernel/mm/damon/admin/kdamonds/0/pid", "77\n");
        var facts = MachineFacts.Read(host.Root);

        var refused = BackendGate.Choose(facts, RequestedBackend.Referenced, Nothing);
        var accepted = BackendGate.Choose(facts, RequestedBackend.Referenced, new HashSet<SafetyRail> { SafetyRail.ForeignKdamond });

        (refused.Backend, refused.Reason).Should().Be((null, "ForeignKdamond"));
        refused.Message.Should().Contain("--accept ForeignKdamond").And.Contain("77");
        accepted.Backend.Should().Be(MonitoringBackend.Referenced);
    }

    [Fact]
    public void Referenced_is_taken_when_it_is_named_and_nobody_is_in_the_way()
    {
        using var host = Machine();

        BackendGate.Choose(MachineFacts.Read(host.Root), RequestedBackend.Referenced, Nothing).Backend.Should().Be(MonitoringBackend.Referenced);
    }

    [Fact]
    public void Auto_never_takes_referenced_and_says_so()
    {
        using var host = Machine();

        var decision = BackendGate.Choose(MachineFacts.Read(host.Root), RequestedBackend.Auto, Nothing);

        decision.Backend.Should().BeNull();
        decision.Message.Should().Contain("Referenced");
    }

    [Theory]
    [InlineData(RequestedBackend.Auto)]
    [InlineData(RequestedBackend.Kernel)]
    public void The_kernel_is_taken_where_nobody_uses_its_DAMON(RequestedBackend requested)
    {
        using var host = WithDamon();

        BackendGate.Choose(MachineFacts.Read(host.Root), requested, Nothing).Backend.Should().Be(MonitoringBackend.Kernel);
    }

    [Fact]
    public void A_module_that_is_on_is_named_with_the_remedy()
    {
        using var host = WithDamon().Write(DamonModuleFacts.SwitchOf(DamonModule.Stat), "Y\n");

        var decision = BackendGate.Choose(MachineFacts.Read(host.Root), RequestedBackend.Kernel, Nothing);

        (decision.Backend, decision.Reason).Should().Be((null, "Busy"));
        decision.Message.Should().Contain("damon_stat").And.Contain("--allow-module-off damon_stat");
    }

    [Theory]
    [InlineData(RequestedBackend.Kernel, "Y", "N", true)]
    [InlineData(RequestedBackend.Kernel, "Y", "Y", false)]
    [InlineData(RequestedBackend.Auto, "Y", "N", false)]
    public void Only_modules_that_were_allowed_are_no_obstacle_and_only_where_the_kernel_is_named(RequestedBackend requested, string stat, string reclaim, bool isTaken)
    {
        using var host = WithDamon().Write(DamonModuleFacts.SwitchOf(DamonModule.Stat), stat + "\n").Write(DamonModuleFacts.SwitchOf(DamonModule.Reclaim), reclaim + "\n");

        var decision = BackendGate.Choose(MachineFacts.Read(host.Root), requested, Nothing, new HashSet<DamonModule> { DamonModule.Stat });

        (decision.Backend == MonitoringBackend.Kernel).Should().Be(isTaken);
    }

    [Fact]
    public void An_allowed_module_does_not_excuse_somebody_elses_kdamond()
    {
        using var host = WithDamon().Write(DamonModuleFacts.SwitchOf(DamonModule.Stat), "Y\n");
        host.Write("/sys/kernel/mm/damon/admin/kdamonds/nr_kdamonds", "1\n").Write("/sys/kernel/mm/damon/admin/kdamonds/0/state", "off\n").Write("/sys/kernel/mm/damon/admin/kdamonds/0/pid", "-1\n");

        BackendGate.Choose(MachineFacts.Read(host.Root), RequestedBackend.Kernel, Nothing, new HashSet<DamonModule> { DamonModule.Stat }).Backend.Should().BeNull();
    }

    private static FakeHost WithDamon() => Machine().Write("/sys/kernel/mm/damon/admin/kdamonds/nr_kdamonds", "0\n");

    /// <summary>A machine on which only Referenced works; the tests' own process is the one that asks.</summary>
    private static FakeHost Machine()
    {
        var host = FakeHost.With(
            ("/proc/self/status", "Name:\tdamonctl\nUid:\t0\t0\t0\t0\nCapEff:\t000001ffffffffff\n"),
            ("/proc/self/clear_refs", ""),
            ("/proc/self/smaps", "00400000-00401000 r-xp 00000000 08:01 1 /bin/x\nSize: 4 kB\nRss: 4 kB\nPss: 4 kB\nReferenced: 4 kB\nAnonymous: 0 kB\nSwap: 0 kB\n"),
            ("/proc/meminfo", "MemTotal: 1000 kB\nMemFree: 500 kB\nMemAvailable: 700 kB\n"));
        return host;
    }
}
