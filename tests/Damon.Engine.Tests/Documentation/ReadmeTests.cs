using Damon.Testing;

namespace Damon.Engine.Tests.Documentation;

public class ReadmeTests
{
    [Fact]
    public void The_program_in_the_package_s_readme_is_the_one_that_compiles()
    {
        var readme = Between(RepositoryFiles.Text("src/Damon.Engine/README.md"), "```csharp\n", "```");
        var source = Between(RepositoryFiles.Text("tests/Damon.Engine.Tests/Documentation/ReadmeSample.cs"), "// Begin\n", "\n        // End");

        readme.Should().Be(string.Join('\n', source.Split('\n').Select(line => line.Length > 8 ? line[8..] : line.Trim())));
    }

    private static string Between(string text, string begin, string end)
    {
        var from = text.IndexOf(begin, StringComparison.Ordinal) + begin.Length;
        return text[from..text.IndexOf(end, from, StringComparison.Ordinal)];
    }
}
