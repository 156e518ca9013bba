using Damon.Footprint.Reports;

namespace Damon.Footprint.Tests.Reports;

public class FootprintRowTests
{
    [Theory]
    [InlineData(60, 60.0, "holds")]
    [InlineData(60.01, 60.0, "MISSED")]
    [InlineData(double.NaN, 60.0, "MISSED")]
    [InlineData(1000, null, "shown")]
    public void A_bound_holds_up_to_and_with_itself(double value, double? bound, string verdict) => new FootprintRow("s", "f", value, "MiB", bound).Verdict.Should().Be(verdict);

    [Theory]
    [InlineData(0.4567, "s", "0.46 s")]
    [InlineData(37.25, "MiB", "37.3 MiB")]
    [InlineData(528.04, "s", "528.0 s")]
    [InlineData(11000, "", "11000")]
    [InlineData(2, "% of a core", "2 % of a core")]
    public void A_value_is_written_with_three_digits_or_so(double value, string unit, string text) => new FootprintRow("s", "f", value, unit).ValueText.Should().Be(text);
}
