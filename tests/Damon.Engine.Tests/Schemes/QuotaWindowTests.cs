using Damon.Engine.Schemes;

namespace Damon.Engine.Tests.Schemes;

public class QuotaWindowTests
{
    [Fact]
    public void Without_limits_everything_may_be_done()
    {
        var window = new QuotaWindow(new SchemeQuota(), 4096);
        window.Advance(TimeSpan.Zero);
        window.Charge(1UL << 40);

        window.IsFull.Should().BeFalse();
    }

    [Fact]
    public void A_window_is_full_when_less_than_a_region_is_left()
    {
        var window = new QuotaWindow(new SchemeQuota { SizeBytes = 10_000 }, 4096);
        window.Advance(TimeSpan.Zero);
        window.Charge(5_904);
        window.IsFull.Should().BeFalse("4096 are left");
        window.Charge(1);
        window.IsFull.Should().BeTrue();
    }

    [Fact]
    public void A_new_window_starts_from_nothing_and_counts_the_full_one()
    {
        var window = new QuotaWindow(new SchemeQuota { SizeBytes = 8192, Interval = TimeSpan.FromSeconds(1) }, 4096);
        window.Advance(TimeSpan.Zero);
        window.Charge(8192);
        window.Advance(TimeSpan.FromSeconds(0.9));
        window.IsFull.Should().BeTrue();

        window.Advance(TimeSpan.FromSeconds(1));

        (window.IsFull, window.LeftBytes, window.ExceededWindows).Should().Be((false, 8192, 1));
    }

    [Fact]
    public void B7_a_limit_by_time_assumes_a_speed_until_one_is_measured()
    {
        var window = new QuotaWindow(new SchemeQuota { Time = TimeSpan.FromMilliseconds(10) }, 4096);
        window.Advance(TimeSpan.Zero);
        window.EffectiveBytes.Should().Be(41_943_040);

        window.BookTime(1_000_000, TimeSpan.FromMilliseconds(100));
        window.Advance(TimeSpan.FromSeconds(1));

        window.EffectiveBytes.Should().Be(100_000);
    }

    [Theory]
    [InlineData(1000UL, 3, 10, 1UL, 3330UL)] // 333 bytes in a millisecond
    [InlineData(10UL, 3, 1000, 1UL, 3000UL)]
    [InlineData(2UL, 3, 1000, 4096UL, 4096UL)] // none in a millisecond: one region
    [InlineData(ulong.MaxValue, 1, 1000, 1UL, ulong.MaxValue)]
    public void A_measured_speed_is_in_whole_bytes_a_millisecond(ulong bytes, int milliseconds, int limit, ulong minRegion, ulong effective)
    {
        var window = new QuotaWindow(new SchemeQuota { Time = TimeSpan.FromMilliseconds(limit) }, minRegion);
        window.BookTime(bytes, TimeSpan.FromMilliseconds(milliseconds));

        window.Advance(TimeSpan.Zero);

        window.EffectiveBytes.Should().Be(effective);
    }

    [Fact]
    public void The_smaller_of_two_limits_holds_and_never_less_than_one_region()
    {
        var window = new QuotaWindow(new SchemeQuota { SizeBytes = 1 << 20, Time = TimeSpan.FromMilliseconds(1) }, 4096);
        window.Advance(TimeSpan.Zero);
        window.EffectiveBytes.Should().Be(1 << 20);

        window.BookTime(4096, TimeSpan.FromSeconds(10));
        window.Advance(TimeSpan.FromSeconds(1));

        window.EffectiveBytes.Should().Be(4096);
    }

    [Fact]
    public void A_budget_below_one_region_does_nothing_and_is_not_called_used_up()
    {
        var window = new QuotaWindow(new SchemeQuota { SizeBytes = 4095 }, 4096);
        window.Advance(TimeSpan.Zero);
        window.IsFull.Should().BeTrue();

        window.Advance(TimeSpan.FromSeconds(1));

        (window.Windows, window.ExceededWindows).Should().Be((2, 0));
    }
}
