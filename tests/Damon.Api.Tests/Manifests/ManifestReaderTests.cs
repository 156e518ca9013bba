using System.Text;
using Damon.Api.Manifests;

namespace Damon.Api.Tests.Manifests;

public class ManifestReaderTests
{
    [Theory]
    [InlineData("true", ManifestScalarKind.Bool)]
    [InlineData("FALSE", ManifestScalarKind.Bool)]
    [InlineData("yes", ManifestScalarKind.PlainText)]
    [InlineData("off", ManifestScalarKind.PlainText)]
    [InlineData("null", ManifestScalarKind.Null)]
    [InlineData("~", ManifestScalarKind.Null)]
    [InlineData("01", ManifestScalarKind.Number)]
    [InlineData("-12", ManifestScalarKind.Number)]
    [InlineData("0x1F", ManifestScalarKind.Number)]
    [InlineData("0o17", ManifestScalarKind.Number)]
    [InlineData("0o18", ManifestScalarKind.PlainText)]
    [InlineData("1.5e-3", ManifestScalarKind.Number)]
    [InlineData("1.", ManifestScalarKind.Number)]
    [InlineData(".5", ManifestScalarKind.Number)]
    [InlineData(".inf", ManifestScalarKind.Number)]
    [InlineData(".", ManifestScalarKind.PlainText)]
    [InlineData("1e", ManifestScalarKind.PlainText)]
    [InlineData("1_000", ManifestScalarKind.PlainText)]
    [InlineData("64Mi", ManifestScalarKind.PlainText)]
    [InlineData("12:30", ManifestScalarKind.PlainText)]
    [InlineData("2026-01-01", ManifestScalarKind.PlainText)]
    [InlineData("\"true\"", ManifestScalarKind.QuotedText)]
    [InlineData("'5'", ManifestScalarKind.QuotedText)]
    public void A_plain_value_is_what_the_core_schema_of_yaml_1_2_says(string yaml, ManifestScalarKind kind)
    {
        var document = ManifestReader.Read("f.yaml", $"a: {yaml}\n").Documents.Should().ContainSingle().Subject;
        document.As<ManifestMapping>().Find("a")!.Value.As<ManifestScalar>().Kind.Should().Be(kind);
    }

    [Fact]
    public void Nodes_know_where_they_were_written()
    {
        var root = (ManifestMapping)ManifestReader.Read("f.yaml", "a:\n  - b: 1\n    c: [x, y]\n").Documents[0];
        var item = (ManifestMapping)((ManifestSequence)root.Find("a")!.Value).Items[0];
        root.At.Should().Be(new ManifestLocation("f.yaml", 1, 1));
        item.Find("c")!.KeyAt.Should().Be(new ManifestLocation("f.yaml", 3, 5));
        ((ManifestSequence)item.Find("c")!.Value).Items[1].At.Should().Be(new ManifestLocation("f.yaml", 3, 12));
    }

    [Fact]
    public void Json_counts_lines_and_characters_as_yaml_does()
    {
        const string Text = "{\n  \"ä\": \"ö\", \"b\": [1, 2]\n}\n";
        static ManifestLocation Second(ManifestReadResult result) => ((ManifestSequence)((ManifestMapping)result.Documents[0]).Find("b")!.Value).Items[1].At;
        Second(ManifestReader.Read("f", Text)).Should().Be(new ManifestLocation("f", 2, 22));
        Second(ManifestReader.Read("f.yaml", Text)).Should().Be(new ManifestLocation("f.yaml", 2, 22));
    }

    [Theory]
    [InlineData("f.json", "a: 1", 1)]
    [InlineData("f.txt", " {\"a\": 1,}", 1)]
    [InlineData("f.txt", "a: 1", 0)]
    [InlineData("f.yaml", "{a: 1}", 0)]
    [InlineData("f.yml", "{\"a\": 1,}", 0)]
    public void The_ending_decides_the_language_and_the_first_sign_where_it_says_nothing(string name, string text, int errors) => ManifestReader.Read(name, text).Errors.Should().HaveCount(errors);

    [Fact]
    public void Documents_that_hold_nothing_are_left_out() => ManifestReader.Read("f.yaml", "---\n---\na: 1\n---\n# c\n---\nb: 2\n").Documents.Should().HaveCount(2);

    [Theory]
    [InlineData(31, 0)]
    [InlineData(32, 1)]
    public void Nesting_ends_at_32_levels(int lists, int errors)
    {
        var text = new string('[', lists) + "1" + new string(']', lists);
        ManifestReader.Read("f.yaml", text).Errors.Should().HaveCount(errors);
        ManifestReader.Read("f.json", text).Errors.Should().HaveCount(errors);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    public void A_file_ends_at_one_mebibyte(int more, int errors)
    {
        var text = "a: 1 #".PadRight(ManifestReader.MaxBytes + more, 'x');
        ManifestReader.Read("f.yaml", text).Errors.Should().HaveCount(errors);
        ManifestReader.Read("f.yaml", Encoding.UTF8.GetBytes(text)).Errors.Should().HaveCount(errors);
    }

    [Theory]
    [InlineData(101, 100)]
    [InlineData(102, 101)]
    [InlineData(100_000, 101)]
    public void After_a_hundred_errors_one_more_says_that_there_are_more(int lines, int errors)
    {
        var text = string.Concat(Enumerable.Repeat("a: 1\n", lines));
        var found = ManifestReader.Read("f.yaml", text).Errors;
        found.Should().HaveCount(errors);
        found[^1].Message.Should().Be(errors > 100 ? "there are more than 100 errors; mend these first" : "the field \"a\" stands twice, first in line 1; leave one out");
    }

    [Fact]
    public void A_million_opened_brackets_end_at_the_limit() =>
        ManifestReader.Read("f.yaml", new string('[', 1_000_000)).Errors.Should().ContainSingle().Which.Message.Should().Be("nested deeper than 32 levels");

    [Theory]
    [InlineData("a: \u0007", "f.yaml:1:4: the character U+0007 is not allowed; write plain text")]
    [InlineData("a: 1\rb: 2", "f.yaml:1:5: a carriage return stands alone; end lines with a line feed")]
    [InlineData("a:\n \tb: 1", "f.yaml:2:2: a tab stands in the indentation; YAML is indented by spaces")]
    public void Characters_that_hide_something_are_refused(string text, string error) => ManifestReader.Read("f.yaml", text).Errors.Select(e => e.ToString()).Should().Equal(error);

    // Not in the table above: a lone surrogate does not survive in an attribute.
    [Fact]
    public void Half_a_character_is_refused() =>
        ManifestReader.Read("f.yaml", $"a: 1\nb: {'\ud800'}").Errors.Select(e => e.ToString()).Should().Equal("f.yaml:2:4: half of a character stands alone; write UTF-8 text");

    [Fact]
    public void A_character_beyond_the_basic_plane_is_text() => ManifestReader.Read("f.yaml", "a: \U0001F600").Errors.Should().BeEmpty();
}
