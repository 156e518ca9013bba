using Damon.Patterns;
using Damon.Workload.Accesses;
using static Damon.Workload.Tests.SmallPatterns;

namespace Damon.Workload.Tests.Accesses;

public class PhaseAccessesTests
{
    private const int Accesses = 10_000;

    [Fact]
    public void Writing_changes_the_pages_at_the_strides_and_no_other()
    {
        using var memory = new SmallMemory(("a", 8));
        var (phase, touched) = Prepare(memory, Phase("write", 1, Sequential("a", stridePages: 2, mode: AccessMode.Write)));

        phase.Run(Accesses);

        PagesWritten(memory, region: 0).Should().Equal(0, 2, 4, 6);
        touched[0].Count.Should().Be(4);
    }

    [Fact]
    public void Reading_changes_nothing()
    {
        using var memory = new SmallMemory(("a", 4));
        var (phase, touched) = Prepare(memory, Phase("read", 1, Random("a")));

        phase.Run(Accesses);

        PagesWritten(memory, region: 0).Should().BeEmpty();
        touched[0].Count.Should().Be(4);
    }

    [Fact]
    public void Regions_are_accessed_by_weight_and_an_unnamed_one_not_at_all()
    {
        using var memory = new SmallMemory(("hot", 4), ("warm", 4), ("cold", 4));
        var (phase, touched) = Prepare(memory, Phase("mixed", 1, Random("hot", weight: 9), Random("warm", weight: 1)));

        phase.Run(Accesses);

        (phase.AccessesTo(0) + phase.AccessesTo(1)).Should().Be(Accesses);
        phase.AccessesTo(0).Should().BeInRange((long)(Accesses * 0.88), (long)(Accesses * 0.92));
        phase.AccessesTo(2).Should().Be(0);
        touched[2].Count.Should().Be(0);
    }

    [Fact]
    public void Two_accesses_to_one_region_are_summed()
    {
        using var memory = new SmallMemory(("a", 8));
        var window = new AccessWindow(0.5, 0);
        var (phase, _) = Prepare(memory, Phase("twice", 1, Random("a"), Sequential("a", window: window)));

        phase.Run(Accesses);

        phase.AccessesTo(0).Should().Be(Accesses);
        phase.WindowsOf(0).Should().Equal(window);
    }

    [Fact]
    public void A_restart_counts_and_marks_from_nothing()
    {
        using var memory = new SmallMemory(("a", 4));
        var (phase, touched) = Prepare(memory, Phase("read", 1, Sequential("a")));
        phase.Run(3);
        phase.Restart();
        phase.Run(1);

        phase.AccessesTo(0).Should().Be(1);
        touched[0].Count.Should().Be(1);
    }

    [Fact]
    public void The_same_seed_makes_the_same_accesses()
    {
        using var one = new SmallMemory(("a", 64));
        using var other = new SmallMemory(("a", 64));
        foreach (var memory in (SmallMemory[])[one, other])
            Prepare(memory, Phase("write", 1, Random("a", mode: AccessMode.Write))).Phase.Run(50);

        for (var page = 0; page < 64; page++)
            one.WordAt(0, Offset(page)).Should().Be(other.WordAt(0, Offset(page)));
        PagesWritten(one, region: 0).Should().HaveCountGreaterThan(16).And.HaveCountLessThan(64);
    }

    [Fact]
    public void Running_allocates_nothing()
    {
        using var memory = new SmallMemory(("a", 16), ("b", 16));
        var (phase, _) = Prepare(memory, Phase("mixed", 1, Random("a"), Sequential("b", mode: AccessMode.Write)));
        phase.Run(Accesses);

        var before = GC.GetAllocatedBytesForCurrentThread();
        phase.MoveWindows(TimeSpan.FromSeconds(1));
        phase.Run(Accesses);

        (GC.GetAllocatedBytesForCurrentThread() - before).Should().Be(0);
    }

    [Fact]
    public void An_idle_phase_cannot_run()
    {
        using var memory = new SmallMemory(("a", 1));
        var (phase, _) = Prepare(memory, Phase("idle", 1));

        phase.IsIdle.Should().BeTrue();
        FluentActions.Invoking(() => phase.Run(1)).Should().Throw<InvalidOperationException>();
    }

    private static (PhaseAccesses Phase, TouchedPages[] Touched) Prepare(SmallMemory memory, PatternPhase phase)
    {
        TouchedPages[] touched = [.. memory.Regions.Select(region => new TouchedPages(region.SizeBytes, SmallMemory.PageBytes))];
        return (new PhaseAccesses(phase, memory.Regions, touched, seed: 1), touched);
    }

    private static ulong Offset(int page) => (ulong)(page * SmallMemory.PageBytes);

    private static List<int> PagesWritten(SmallMemory memory, int region) =>
        [.. Enumerable.Range(0, (int)memory.Regions[region].SizeBytes / SmallMemory.PageBytes).Where(page => memory.WordAt(region, Offset(page)) != 0)];
}
