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
    [InlineData(RequestedBackend.Auto, "NoIdlePageTracking")]
    [InlineData(RequestedBackend.Kernel, "NotInThisVersion")]
    public void A_run_leaves_the_kernels_damon_to_the_agent(RequestedBackend requested, string reason)
    {
        using var host = Machine();
        host.Write("/sys/kernel/mm/damon/admin/kdamonds/nr_kdamonds", "0\n");

        var decision = BackendGate.Choose(MachineFacts.Read(host.Root), requested, Nothing);

        (decision.Backend, decision.Reason).Should().Be((null, reason));
        decision.Message.Should().Contain("does not drive the kernel's DAMON");
    }

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
