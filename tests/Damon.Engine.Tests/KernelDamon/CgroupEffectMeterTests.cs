using Damon.Engine.KernelDamon;
using Damon.Engine.Schemes;
using Damon.Testing;

namespace Damon.Engine.Tests.KernelDamon;

public class CgroupEffectMeterTests
{
    private static readonly EligibleCgroup[] Groups = [new("/a"), new("/gone")];

    [Fact]
    public void Page_out_is_what_is_swapped_and_what_files_lose()
    {
        using var host = With(anon: 100, file: 50, swap: 10);
        var meter = new CgroupEffectMeter(host.Root);
        var before = meter.ReadLevels(SchemeAction.Pageout, null, Groups);
        Write(host, anon: 70, file: 45, swap: 40);

        (meter.ReadLevels(SchemeAction.Pageout, null, Groups)["/a"].TotalBytes - before["/a"].TotalBytes).Should().Be(35);
    }

    [Fact]
    public void Processes_that_end_are_no_effect()
    {
        using var host = With(anon: 100, file: 50, swap: 10);
        var meter = new CgroupEffectMeter(host.Root);
        var before = meter.ReadLevels(SchemeAction.Pageout, null, Groups);
        Write(host, anon: 0, file: 50, swap: 0);

        (meter.ReadLevels(SchemeAction.Pageout, null, Groups)["/a"].TotalBytes - before["/a"].TotalBytes).Should().BeNegative();
    }

    [Fact]
    public void Moves_are_what_the_destination_gains()
    {
        using var host = With(anon: 1, file: 1, swap: 0);

        new CgroupEffectMeter(host.Root).ReadLevels(SchemeAction.MigrateCold, 1, Groups)["/a"].Should().Be(new EffectLevel(0, 12));
    }

    [Fact]
    public void A_group_that_cannot_be_read_is_left_out()
    {
        using var host = With(anon: 1, file: 1, swap: 0);

        new CgroupEffectMeter(host.Root).ReadLevels(SchemeAction.Pageout, null, Groups).Keys.Should().Equal("/a");
    }

    [Theory]
    [InlineData(SchemeAction.LruPrio)]
    [InlineData(SchemeAction.LruDeprio)]
    [InlineData(SchemeAction.NoHugePage)]
    public void What_leaves_no_trace_in_the_counts_is_said_to_be_unmeasured(SchemeAction action)
    {
        using var host = new FakeHost();

        new CgroupEffectMeter(host.Root).CanMeasure(action).Should().BeFalse();
    }

    private static FakeHost With(ulong anon, ulong file, ulong swap)
    {
        var host = FakeHost.With(("/sys/fs/cgroup/cgroup.controllers", "memory\n"), ("/sys/fs/cgroup/a/memory.numa_stat", "anon N0=1 N1=5\nfile N0=2 N1=7\n"));
        Write(host, anon, file, swap);
        return host;
    }

    private static void Write(FakeHost host, ulong anon, ulong file, ulong swap) =>
        host.Write("/sys/fs/cgroup/a/memory.stat", $"anon {anon}\nfile {file}\n").Write("/sys/fs/cgroup/a/memory.swap.current", $"{swap}\n");
}
