namespace Damon.Architecture.Tests;

public class SourceFileTests
{
    [Theory]
    [InlineData("a(); // unsafe\nb();", "a();  \nb();")]
    [InlineData("a(); /* unsafe\n */ b();", "a();   b();")]
    [InlineData("/// <summary>unsafe</summary>\nb();", " \nb();")]
    [InlineData("a(\"unsafe \\\" // x\", 'b');", "a(\"\", \"\");")]
    [InlineData("a(@\"un\"\"safe\\\");", "a(\"\");")]
    [InlineData("a(\"\"\"\n unsafe \"x\"\n \"\"\");", "a(\"\");")]
    [InlineData("a($\"{b} // c\"); unsafe { }", "a($\"\"); unsafe { }")]
    public void Comments_and_strings_are_not_code(string text, string code) => new SourceFile("a.cs", text).Code.Should().Be(code);

    [Theory]
    [InlineData("src/A/Native.cs", "Native")]
    [InlineData("src/A/Native.Files.cs", "Native")]
    public void The_stem_ends_at_the_first_point(string path, string stem) => new SourceFile(path, "").Stem.Should().Be(stem);
}
