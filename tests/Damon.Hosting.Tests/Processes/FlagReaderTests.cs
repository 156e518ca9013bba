using Damon.Hosting.Processes;

namespace Damon.Hosting.Tests.Processes;

public class FlagReaderTests
{
    [Fact]
    public void Both_forms_are_read_in_their_order()
    {
        var read = new List<(string, string)>();
        FlagReader.Read(["--a", "1", "--b=2=3", "--c", "--d"], (name, value) => Take(read, name, value)).Should().BeEmpty();
        read.Should().Equal(("--a", "1"), ("--b", "2=3"), ("--c", "--d"));
    }

    [Theory]
    [InlineData("\"node\" is no flag*", "node")]
    [InlineData("\"-a\" is no flag*", "-a", "1")]
    [InlineData("--a needs a value*", "--a")]
    [InlineData("--a needs a value*", "--a=")]
    [InlineData("--a needs a value*", "--a", "")]
    [InlineData("--a is given twice", "--a", "1", "--a=2")]
    [InlineData("--no means nothing", "--no", "1")]
    public void What_is_wrong_first_is_said(string problem, params string[] args) =>
        FlagReader.Read(args, static (name, _) => name == "--no" ? "--no means nothing" : "").Should().Match(problem);

    private static string Take(List<(string Name, string Value)> read, string name, string value)
    {
        read.Add((name, value));
        return "";
    }
}
