using Damon.Engine.Host;
using Damon.NodeAgent.Safety;
using Damon.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Damon.NodeAgent.Tests.Safety;

public class GroupSwapRailTests
{
    [Theory]
    [InlineData("max", "5", null)]
    [InlineData("0", "0", SafetyRail.NoSwap)]
    [InlineData("1000", "800", null)]
    [InlineData("1000", "801", SafetyRail.SwapLow)]
    [InlineData("1000", "2000", SafetyRail.SwapLow)]
    [InlineData("", "0", SafetyRail.RailUnmeasurable)]
    [InlineData("1000", "x", SafetyRail.RailUnmeasurable)]
    public void A_pod_without_swap_of_its_own_or_near_its_limit_keeps_its_anonymous_memory(string max, string current, SafetyRail? expected)
    {
        using var host = FakeHost.With(("/a/memory.swap.max", max + "\n"), ("/a/memory.swap.current", current + "\n"));
        using var rail = new GroupSwapRail(host.Root, "/a", new HostReader(4096), new FakeTimeProvider());
        rail.Check(SafetyLimits.Default).Rail.Should().Be(expected);
    }

    [Fact]
    public void A_kernel_that_does_not_account_swap_by_group_sets_no_limit()
    {
        using var host = new FakeHost();
        using var rail = new GroupSwapRail(host.Root, "/a", new HostReader(4096), new FakeTimeProvider());
        rail.Check(SafetyLimits.Default).Should().Be(RailState.Clear);
    }
}
