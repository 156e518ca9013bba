namespace Damon.Cli.Tests.Output;

public class FoldedTextTests
{
    [Theory]
    [InlineData("  name", 8, "one two", 40, "  name  one two\n")]
    [InlineData("  name", 8, "one two three", 17, "  name  one two\n        three\n")]
    [InlineData("", 2, "one two", 5, "  one\n  two\n")]
    [InlineData("a-long-start", 4, "one", 40, "a-long-start one\n")]
    [InlineData("  name", 8, "", 40, "  name\n")]
    [InlineData("", 2, "a-word-that-is-longer-than-the-line b", 10, "  a-word-that-is-longer-than-the-line\n  b\n")]
    public void Lines_fold_between_words_below_the_first_one(string start, int indent, string text, int width, string expected)
    {
        using var output = new StringWriter();
        FoldedText.Write(output, start, indent, text, width);
        output.ToString().Should().Be(expected);
    }

    [Theory]
    [InlineData(0, 80)]
    [InlineData(100, 100)]
    [InlineData(400, 110)]
    public void Lines_are_as_wide_as_the_terminal_within_reason(int terminal, int expected)
    {
        using var output = new StringWriter();
        FoldedText.Write(output, "", 0, string.Join(' ', Enumerable.Repeat("x", 400)), terminal);
        output.ToString().Split('\n').Max(line => line.Length).Should().BeInRange(expected - 1, expected);
    }
}
