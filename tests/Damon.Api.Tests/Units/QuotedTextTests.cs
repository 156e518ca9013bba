using Damon.Api.Units;

namespace Damon.Api.Tests.Units;

public class QuotedTextTests
{
    [Theory]
    [InlineData("8MB", "\"8MB\"")]
    [InlineData("a\nb\tc\r", "\"a\\nb\\tc\\r\"")]
    [InlineData("\u001b[31m", "\"\\u001b[31m\"")]
    public void Text_of_others_stays_on_one_line_and_cannot_steer_a_terminal(string text, string shown) => QuotedText.Of(text).Should().Be(shown);

    [Fact]
    public void Long_text_is_cut() => QuotedText.Of(new string('x', 1000)).Should().Be($"\"{new string('x', 60)}…\"");
}
