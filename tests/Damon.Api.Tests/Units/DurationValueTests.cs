using CsCheck;
using Damon.Api.Units;

namespace Damon.Api.Tests.Units;

public class DurationValueTests
{
    [Theory]
    [InlineData("5ms", 5_000)]
    [InlineData("1h30m", 5_400_000_000)]
    [InlineData("1h05m", 3_900_000_000)]
    [InlineData("0.5s", 500_000)]
    [InlineData("1.234s", 1_234_000)]
    [InlineData("0.001ms", 1)]
    [InlineData("1us", 1)]
    [InlineData("1h2m3s4ms5us", 3_723_004_005)]
    [InlineData("0s", 0)]
    [InlineData("1000ms", 1_000_000)]
    [InlineData("720h", 2_592_000_000_000)]
    [InlineData("2592000000000us", 2_592_000_000_000)]
    public void A_duration_is_exact_to_the_microsecond_and_keeps_its_text(string text, long microseconds)
    {
        var duration = DurationValue.Parse(text);
        duration.Microseconds.Should().Be(microseconds);
        duration.ToTimeSpan().Should().Be(TimeSpan.FromMicroseconds(microseconds));
        duration.ToString().Should().Be(text);
    }

    [Theory]
    [InlineData("", "\"\" is not a duration; write a number and a unit such as 5ms or 1h30m")]
    [InlineData("2 minutes", "\"2 minutes\" is not a duration, its units are h, m, s, ms and us; write a number and a unit such as 5ms or 1h30m")]
    [InlineData("1d", "\"1d\" is not a duration, its units are h, m, s, ms and us; write a number and a unit such as 5ms or 1h30m")]
    [InlineData("1H", "\"1H\" is not a duration, its units are h, m, s, ms and us; write a number and a unit such as 5ms or 1h30m")]
    [InlineData("1h 30m", "\"1h 30m\" is not a duration, its units are h, m, s, ms and us; write a number and a unit such as 5ms or 1h30m")]
    [InlineData("5", "\"5\" is a duration without a unit; write a number and a unit such as 5ms or 1h30m")]
    [InlineData("1h30", "\"1h30\" is a duration without a unit; write a number and a unit such as 5ms or 1h30m")]
    [InlineData("-2m", "\"-2m\" is negative, a duration is not; write a number and a unit such as 5ms or 1h30m")]
    [InlineData("30m1h", "\"30m1h\" is not a duration, its units go from large to small and each once; write a number and a unit such as 5ms or 1h30m")]
    [InlineData("1s1s", "\"1s1s\" is not a duration, its units go from large to small and each once; write a number and a unit such as 5ms or 1h30m")]
    [InlineData("1.2345s", "\"1.2345s\" has too many digits for a duration; write at most 13 before and 3 after the point")]
    [InlineData("12345678901234us", "\"12345678901234us\" has too many digits for a duration; write at most 13 before and 3 after the point")]
    [InlineData("0.5us", "\"0.5us\" is finer than a microsecond; write a whole number of us")]
    [InlineData("720h1us", "\"720h1us\" is too long; write a duration of at most 720h")]
    public void What_is_not_a_duration_is_named_with_the_accepted_form(string text, string error)
    {
        DurationValue.TryParse(text, out var value, out var message).Should().BeFalse();
        message.Should().Be(error);
        value.Should().Be(default(DurationValue));
    }

    [Fact]
    public void Durations_are_equal_when_they_last_equally_long()
    {
        DurationValue.Parse("90s").Should().Be(DurationValue.Parse("1m30s"));
        (DurationValue.Parse("999ms") < DurationValue.Parse("1s")).Should().BeTrue();
    }

    [Fact]
    public void Every_time_up_to_720_hours_survives_writing_and_reading() =>
        Gen.Long[0, DurationValue.Maximum.Microseconds].Sample(microseconds =>
        {
            var written = DurationValue.FromTimeSpan(TimeSpan.FromMicroseconds(microseconds)).ToString();
            return DurationValue.Parse(written).Microseconds == microseconds;
        });

    [Fact]
    public void A_time_finer_than_a_microsecond_has_no_text() => FluentActions.Invoking(() => DurationValue.FromTimeSpan(new TimeSpan(1))).Should().Throw<ArgumentOutOfRangeException>();
}
