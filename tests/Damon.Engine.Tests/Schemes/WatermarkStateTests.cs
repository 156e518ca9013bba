using Damon.Engine.Schemes;

namespace Damon.Engine.Tests.Schemes;

public class WatermarkStateTests
{
    private static readonly SchemeWatermarks Marks = new() { Metric = WatermarkMetric.FreeMemory, High = 500, Mid = 400, Low = 200 };

    [Fact]
    public void B11_a_scheme_rests_above_high_and_below_low_and_begins_again_below_mid()
    {
        var state = new WatermarkState();
        state.IsActive.Should().BeTrue("it begins active");
        (int Thousandths, bool Active)[] readings = [(501, false), (450, false), (399, true), (450, true), (500, true), (199, false), (200, true)];
        foreach (var (thousandths, active) in readings)
        {
            state.Advance(Marks, thousandths).Should().Be(active, "at {0}", thousandths);
        }
    }

    [Fact]
    public void Without_a_metric_a_scheme_never_rests() =>
        new WatermarkState().Advance(Marks with { Metric = WatermarkMetric.None }, 1000).Should().BeTrue();

    [Theory]
    [InlineData(0, 100, 0)]
    [InlineData(1, 1001, 0)]
    [InlineData(999, 1000, 999)]
    [InlineData(200, 100, 1000)]
    [InlineData(ulong.MaxValue - 1, ulong.MaxValue, 999)]
    public void Shares_are_rounded_down_to_thousandths(ulong part, ulong total, int thousandths) =>
        WatermarkState.ThousandthsOf(part, total).Should().Be(thousandths);

    public static TheoryData<SchemeWatermarks, string> Wrong => new()
    {
        { Marks with { Interval = TimeSpan.Zero }, "w.interval" },
        { Marks with { Interval = TimeSpan.FromTicks(-1) }, "w.interval" },
        { Marks with { Interval = TimeSpan.MaxValue }, "w.interval" },
        { Marks with { High = 1001 }, "w.high" },
        { Marks with { Low = -1 }, "w.low" },
        { Marks with { Mid = 501 }, "w.mid" },
        { Marks with { Low = 401 }, "w.low" },
        { Marks with { Metric = (WatermarkMetric)7 }, "w.metric" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void What_is_wrong_with_marks_is_told_with_its_field(SchemeWatermarks marks, string field)
    {
        var errors = new List<PlanError>();
        marks.Check("w", errors);
        errors.Should().ContainSingle().Which.Field.Should().Be(field);
    }

    [Fact]
    public void Equal_marks_and_unused_ones_are_fine()
    {
        var errors = new List<PlanError>();
        (Marks with { High = 400, Low = 400 }).Check("w", errors);
        (Marks with { Metric = WatermarkMetric.None, Interval = TimeSpan.Zero, High = -5 }).Check("w", errors);
        errors.Should().BeEmpty();
    }
}
