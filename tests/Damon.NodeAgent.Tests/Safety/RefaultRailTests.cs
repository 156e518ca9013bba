using Damon.Engine.Host;
using Damon.NodeAgent.Safety;
using Microsoft.Extensions.Time.Testing;

namespace Damon.NodeAgent.Tests.Safety;

public class RefaultRailTests
{
    private const ulong Page = 4096;
    private const ulong MiB = 1 << 20;
    private static readonly SafetyLimits Limits = SafetyLimits.Default;

    private readonly FakeTimeProvider _clock = new();

    // 100 MiB are 25,600 pages: 5 % of them are 1,280. The working set is so large that only the first rule can trip.
    [Theory]
    [InlineData(100 * MiB, 1280, 1)]
    [InlineData(100 * MiB, 1281, 0.5)]
    [InlineData(MiB, 13, 0.5)]
    [InlineData(MiB - 1, 1000, 1)]
    public void Too_much_that_came_back_halves_the_budget(ulong reclaimed, ulong refaultPages, double factor)
    {
        var rail = new RefaultRail(_clock, Page);
        rail.Update(Limits, Stat(0), 0, ulong.MaxValue);
        _clock.Advance(TimeSpan.FromMinutes(5));
        rail.Update(Limits, Stat(refaultPages), reclaimed, ulong.MaxValue)!.Value.BudgetFactor.Should().Be(factor);
    }

    // 0.2 % a minute of 1,000 MiB are 512 pages a minute, 2,560 in five. So much is reclaimed that the first rule cannot trip.
    [Theory]
    [InlineData(2560, 1)]
    [InlineData(2561, 0.5)]
    public void Too_much_of_the_working_set_each_minute_halves_the_budget(ulong refaultPages, double factor)
    {
        var rail = new RefaultRail(_clock, Page);
        rail.Update(Limits, Stat(0), 0, 1000 * MiB);
        _clock.Advance(TimeSpan.FromMinutes(5));
        rail.Update(Limits, Stat(refaultPages), 10_000 * MiB, 1000 * MiB)!.Value.BudgetFactor.Should().Be(factor);
    }

    [Fact]
    public void Anonymous_and_file_pages_both_count()
    {
        var rail = new RefaultRail(_clock, Page);
        rail.Update(Limits, Stat(0), 0, ulong.MaxValue);
        _clock.Advance(TimeSpan.FromMinutes(1));
        rail.Update(Limits, Stat(7) with { RefaultsFile = 6 }, MiB, ulong.MaxValue)!.Value.BudgetFactor.Should().Be(0.5);
    }

    [Fact]
    public void What_came_back_before_the_window_does_not_count()
    {
        var rail = new RefaultRail(_clock, Page);
        rail.Update(Limits, Stat(0), 0, ulong.MaxValue);
        _clock.Advance(TimeSpan.FromMinutes(1));
        rail.Update(Limits, Stat(1000), 0, ulong.MaxValue)!.Value.BudgetFactor.Should().Be(1, "nothing was reclaimed");
        for (var minute = 0; minute < 12; minute++)
        {
            _clock.Advance(TimeSpan.FromMinutes(1));
            rail.Update(Limits, Stat(1000), 0, ulong.MaxValue);
        }

        rail.Update(Limits, Stat(1000), 10 * MiB, ulong.MaxValue)!.Value.BudgetFactor.Should().Be(1);
    }

    [Fact]
    public void Three_trips_stop_the_pod_until_its_plan_changes()
    {
        var rail = new RefaultRail(_clock, Page);
        rail.Update(Limits, Stat(0), 0, ulong.MaxValue);
        ulong reclaimed = 0, pages = 0;
        foreach (var (factor, held) in ((double, SafetyRail?)[])[(0.5, null), (0.25, null), (0, SafetyRail.Refault)])
        {
            _clock.Advance(TimeSpan.FromMinutes(1));
            var state = rail.Update(Limits, Stat(pages += 1000), reclaimed += MiB, ulong.MaxValue)!.Value;
            (state.BudgetFactor, state.Rail).Should().Be((factor, held));
            state.Reason.Should().NotBeEmpty();
        }

        rail.Trips.Should().Be(3);
        _clock.Advance(TimeSpan.FromDays(30));
        rail.Update(Limits, Stat(pages), reclaimed, ulong.MaxValue)!.Value.Rail.Should().Be(SafetyRail.Refault);
        rail.Lift();
        rail.State(Limits).Should().Be(RailState.Clear);
    }

    [Fact]
    public void One_trip_is_not_counted_again_by_the_same_evidence()
    {
        var rail = new RefaultRail(_clock, Page);
        rail.Update(Limits, Stat(0), 0, ulong.MaxValue);
        _clock.Advance(TimeSpan.FromMinutes(1));
        rail.Update(Limits, Stat(1000), 2 * MiB, ulong.MaxValue);
        _clock.Advance(TimeSpan.FromMinutes(1));
        rail.Update(Limits, Stat(1000), 2 * MiB, ulong.MaxValue);
        rail.Trips.Should().Be(1);
    }

    [Theory]
    [InlineData(59, 0.5)]
    [InlineData(60, 1)]
    public void A_trip_is_made_good_after_an_hour_without_another(int minutes, double factor)
    {
        var rail = new RefaultRail(_clock, Page);
        rail.Update(Limits, Stat(0), 0, ulong.MaxValue);
        _clock.Advance(TimeSpan.FromMinutes(1));
        rail.Update(Limits, Stat(1000), MiB, ulong.MaxValue)!.Value.BudgetFactor.Should().Be(0.5);
        _clock.Advance(TimeSpan.FromMinutes(minutes));
        rail.Update(Limits, Stat(1000), MiB, ulong.MaxValue)!.Value.BudgetFactor.Should().Be(factor);
    }

    [Fact]
    public void Counters_that_begin_anew_are_no_flood_of_refaults()
    {
        var rail = new RefaultRail(_clock, Page);
        rail.Update(Limits, Stat(5000), 0, ulong.MaxValue);
        _clock.Advance(TimeSpan.FromMinutes(1));
        rail.Update(Limits, Stat(3), 10 * MiB, ulong.MaxValue)!.Value.BudgetFactor.Should().Be(1);
    }

    [Fact]
    public void A_kernel_that_counts_no_refaults_is_unmeasurable() =>
        new RefaultRail(_clock, Page).Update(Limits, Stat(0) with { HasRefaults = false }, 0, 1).Should().BeNull();

    private static CgroupMemoryStat Stat(ulong refaults) => new(0, 0, 0, 0, 0, 0, 0, refaults, 0, 0, HasRefaults: true);
}
