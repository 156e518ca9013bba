using Damon.Demo.Reports;
using Damon.Demo.Verdicts;

namespace Damon.Demo.Tests.Reports;

public sealed class ReportTests : IDisposable
{
    private readonly StringWriter _output = new() { NewLine = "\n" };

    public void Dispose() => _output.Dispose();

    [Fact]
    public void No_line_of_prose_is_longer_than_the_page()
    {
        new Report(_output).Say(string.Join(' ', Enumerable.Repeat("word", 100)));

        _output.ToString().Split('\n').Should().OnlyContain(line => line.Length <= 100).And.HaveCountGreaterThan(4);
    }

    [Fact]
    public void An_option_and_its_value_stay_on_one_line()
    {
        new Report(_output).Command("damonctl", ["run", .. Enumerable.Range(0, 8).SelectMany(index => (string[])["--set", $"field{index}=value{index}"])]);

        var lines = _output.ToString().TrimEnd('\n').Split('\n');
        lines.Should().HaveCountGreaterThan(1);
        lines[..^1].Should().OnlyContain(line => line.EndsWith(" \\"));
        string.Concat(lines).Split("--set ").Skip(1).Should().OnlyContain(part => part.StartsWith("field"));
    }

    [Fact]
    public void A_table_has_its_figures_to_the_right()
    {
        new Report(_output).Table(["hot", "64.0 MiB"], ["cold", "0 MiB"]);

        _output.ToString().Should().Be("    hot    64.0 MiB\n    cold      0 MiB\n");
    }

    [Fact]
    public void A_verdict_stands_before_its_promise()
    {
        new Report(_output).Checks([new Check("a", "1", Verdict.Held), new Check("b", "2", Verdict.Broken), new Check("c", "3", Verdict.Unclear)]);

        _output.ToString().Should().Be("  [  held ] a: 1\n  [ BROKEN] b: 2\n  [unclear] c: 3\n");
    }

    [Theory]
    [InlineData(0, "0.0 MiB")]
    [InlineData(512, "0.5 KiB")]
    [InlineData(20480, "20 KiB")]
    [InlineData(469762048, "448.0 MiB")]
    public void Bytes_are_written_for_people(ulong bytes, string text) => Text.Bytes(bytes).Should().Be(text);

    [Theory]
    [InlineData(0.0199, "1.99 %")]
    [InlineData(1, "100 %")]
    [InlineData(double.NaN, "not measured")]
    public void Shares_are_written_in_percent(double share, string text) => Text.Percent(share).Should().Be(text);
}
