using Damon.Engine.Host;
using Damon.NodeAgent.Safety;
using Damon.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Damon.NodeAgent.Tests.Safety;

public class SwapRailTests
{
    private const ulong MiB = 1 << 20;

    private readonly FakeTimeProvider _clock = new();

    [Theory]
    [InlineData(1000, 200, null)]
    [InlineData(1000, 199, SafetyRail.SwapLow)]
    [InlineData(0, 0, SafetyRail.NoSwap)]
    public void It_holds_below_a_fifth_of_free_swap(ulong total, ulong free, SafetyRail? expected)
    {
        using var host = FakeHost.With(("/proc/meminfo", RailPod.Meminfo(total, free)), ("/proc/vmstat", RailPod.Vmstat(0)));
        using var rail = Rail(host);
        rail.Check(SafetyLimits.Default, 0).Rail.Should().Be(expected);
    }

    // Ten seconds; in MiB: all swap-out, our own.
    [Theory]
    [InlineData(100, 0, null)]
    [InlineData(101, 0, SafetyRail.SwapBusy)]
    [InlineData(1000, 900, null)]
    [InlineData(1000, 899, SafetyRail.SwapBusy)]
    [InlineData(1000, 2000, null)]
    public void It_holds_where_others_swap_out_more_than_ten_mebibytes_a_second(ulong all, ulong own, SafetyRail? expected)
    {
        using var host = FakeHost.With(("/proc/meminfo", RailPod.Meminfo(1000, 1000)), ("/proc/vmstat", RailPod.Vmstat(5000)));
        using var rail = Rail(host);
        rail.Check(SafetyLimits.Default, 7 * MiB).Should().Be(RailState.Clear, "what was swapped before the first look is nobody's");
        host.Write("/proc/vmstat", RailPod.Vmstat(5000 + all));
        _clock.Advance(TimeSpan.FromSeconds(10));
        rail.Check(SafetyLimits.Default, (7 + own) * MiB).Rail.Should().Be(expected);
    }

    [Fact]
    public void Memory_that_goes_to_compressed_swap_counts_once()
    {
        using var host = FakeHost.With(("/proc/meminfo", RailPod.Meminfo(1000, 1000)), ("/proc/vmstat", "pswpout 0\nzswpout 0\n"));
        using var rail = Rail(host);
        rail.Check(SafetyLimits.Default, 0);
        host.Write("/proc/vmstat", $"pswpout {60 * 256}\nzswpout {90 * 256}\n");
        _clock.Advance(TimeSpan.FromSeconds(10));
        rail.Check(SafetyLimits.Default, 0).Rail.Should().BeNull();
        host.Write("/proc/vmstat", $"pswpout {60 * 256}\nzswpout {240 * 256}\n");
        _clock.Advance(TimeSpan.FromSeconds(10));
        rail.Check(SafetyLimits.Default, 0).Rail.Should().Be(SafetyRail.SwapBusy);
    }

    [Fact]
    public void It_lets_go_after_two_minutes_of_calm()
    {
        using var host = FakeHost.With(("/proc/meminfo", RailPod.Meminfo(1000, 100)), ("/proc/vmstat", RailPod.Vmstat(0)));
        using var rail = Rail(host);
        rail.Check(SafetyLimits.Default, 0).Rail.Should().Be(SafetyRail.SwapLow);
        host.Write("/proc/meminfo", RailPod.Meminfo(1000, 500));
        _clock.Advance(TimeSpan.FromSeconds(119));
        rail.Check(SafetyLimits.Default, 0).Rail.Should().Be(SafetyRail.SwapLow);
        _clock.Advance(TimeSpan.FromSeconds(1));
        rail.Check(SafetyLimits.Default, 0).Rail.Should().BeNull();
    }

    [Theory]
    [InlineData("/proc/meminfo", "MemTotal: 1 kB\n")]
    [InlineData("/proc/vmstat", "pgfault 1\n")]
    [InlineData("/proc/vmstat", "pswpout 12")]
    [InlineData("/proc/vmstat", "pswpout x\n")]
    public void Files_without_their_numbers_are_unmeasurable(string file, string content)
    {
        using var host = FakeHost.With(("/proc/meminfo", RailPod.Meminfo(1000, 1000)), ("/proc/vmstat", RailPod.Vmstat(0)));
        host.Write(file, content);
        using var rail = Rail(host);
        var expected = content == "pswpout 12" ? (SafetyRail?)null : SafetyRail.RailUnmeasurable;
        rail.Check(SafetyLimits.Default, 0).Rail.Should().Be(expected);
        using var accepting = Rail(host);
        accepting.Check(SafetyLimits.Default with { AcceptsUnmeasurable = true }, 0).Should().Be(RailState.Clear);
    }

    private SwapRail Rail(FakeHost host) => new(host.Root, 4096, new HostReader(1 << 16), _clock);
}
