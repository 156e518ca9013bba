using CsCheck;
using Damon.Api.Units;

namespace Damon.Api.Tests.Units;

public class PercentTests
{
    [Theory]
    [InlineData("0%", 0, 0.0)]
    [InlineData("5%", 50_000, 0.05)]
    [InlineData("0.2%", 2_000, 0.002)]
    [InlineData("0.0001%", 1, 0.000001)]
    [InlineData("99.9999%", 999_999, 0.999999)]
    [InlineData("100%", 1_000_000, 1.0)]
    [InlineData("100.0%", 1_000_000, 1.0)]
    public void A_percent_is_exact_to_the_millionth_and_keeps_its_text(string text, int millionths, double share)
    {
        var percent = Percent.Parse(text);
        percent.Millionths.Should().Be(millionths);
        percent.Share.Should().Be(share);
        percent.ToString().Should().Be(text);
    }

    [Theory]
    [InlineData("", "\"\" is not a share; write a percent from 0% to 100% such as \"5%\"")]
    [InlineData("5", "\"5\" is not a share; write a percent from 0% to 100% such as \"5%\"")]
    [InlineData("5 %", "\"5 %\" is not a share; write a percent from 0% to 100% such as \"5%\"")]
    [InlineData("05%", "\"05%\" is not a share; write a percent from 0% to 100% such as \"5%\"")]
    [InlineData(".5%", "\".5%\" is not a share; write a percent from 0% to 100% such as \"5%\"")]
    [InlineData("-1%", "\"-1%\" is not a share; write a percent from 0% to 100% such as \"5%\"")]
    [InlineData("5%%", "\"5%%\" is not a share; write a percent from 0% to 100% such as \"5%\"")]
    [InlineData("100.0001%", "\"100.0001%\" is more than the whole; write a percent from 0% to 100% such as \"5%\"")]
    [InlineData("99999999999999999999%", "\"99999999999999999999%\" is more than the whole; write a percent from 0% to 100% such as \"5%\"")]
    [InlineData("0.00001%", "\"0.00001%\" has too many digits for a share; write at most 4 after the point")]
    public void What_is_not_a_percent_is_named_with_the_accepted_form(string text, string error)
    {
        Percent.TryParse(text, out var value, out var message).Should().BeFalse();
        message.Should().Be(error);
        value.Should().Be(default(Percent));
    }

    [Fact]
    public void Percents_are_equal_when_their_shares_are() => Percent.Parse("5%").Should().Be(Percent.Parse("5.00%"));

    [Fact]
    public void Every_millionth_survives_writing_and_reading() =>
        Gen.Int[0, 1_000_000].Sample(millionths => Percent.Parse(Percent.FromMillionths(millionths).ToString()).Millionths == millionths);
}
