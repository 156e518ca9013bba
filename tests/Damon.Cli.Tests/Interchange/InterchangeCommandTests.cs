using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Damon.Cli.Tests.Recordings;
using Damon.Testing;

namespace Damon.Cli.Tests.Interchange;

[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "The files that a test gives to a command.")]
public sealed class InterchangeCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("kdamonds.json", "note: kdamonds[0].contexts[0].targets[0].pid")]
    [InlineData("tiering.yaml", "note: willneed-2: is left out")]
    public async Task Schemes_of_damo_are_printed_with_notes_and_pass_validation(string sample, string note)
    {
        var run = await CliRun.Of("import", Sample(sample), "--from", "damo");
        run.ExitCode.Should().Be(ExitCode.Ok, run.Error);
        run.Error.Should().Contain(note);

        var validated = await CliRun.Of("validate", "-f", _folder.Write("imported.yaml", run.Out));
        validated.ExitCode.Should().Be(ExitCode.Ok, validated.Error);
        validated.Out.Should().Contain("valid").And.NotContain("Enforce");
    }

    [Fact]
    public async Task Records_of_damo_become_a_recording_that_schemes_are_tried_on_and_go_back()
    {
        var file = PathOf("imported.rec");
        var imported = await CliRun.Of("import", Sample("records.json"), "--from", "damo", "--out", file);
        imported.ExitCode.Should().Be(ExitCode.Ok, imported.Error);
        imported.Error.Should().Contain("note: snapshots[].damos_stats");
        (await CliRun.Of("recording", "show", file)).Out.Should().Contain("2 snapshots").And.Contain("damo target 0");
        (await CliRun.Of("simulate", "-f", RepositoryFiles.ReclaimCold, "--set", "pattern.age.min=1s", "-r", file)).Out.Should().Contain("matched now");

        foreach (var format in new[] { "json", "jsoncompressed" })
        {
            var back = PathOf(format);
            (await CliRun.Of("export", "-r", file, "--to", "damo", "--format", format, "--out", back)).ExitCode.Should().Be(ExitCode.Ok);
            var again = PathOf($"{format}.rec");
            (await CliRun.Of("import", back, "--from", "damo", "--out", again)).ExitCode.Should().Be(ExitCode.Ok);
            (await CliRun.Of("recording", "show", again)).Out.Should().Contain("2 snapshots");
        }

        using var json = JsonDocument.Parse((await CliRun.Of("export", "-r", file, "--to", "damo")).Out);
        json.RootElement.GetArrayLength().Should().Be(2);
    }

    [Fact]
    public async Task Schemes_for_damo_are_printed_with_what_it_has_no_words_for()
    {
        var json = await CliRun.Of("export", "-f", RepositoryFiles.ReclaimCold, "--to", "damo", "--pid", "1234");
        json.ExitCode.Should().Be(ExitCode.Ok, json.Error);
        json.Error.Should().Contain("note: reclaim-cold: spec.mode: damo knows no Observe");
        using var document = JsonDocument.Parse(json.Out);
        document.RootElement.GetProperty("kdamonds")[0].GetProperty("contexts")[0].GetProperty("targets")[0].GetProperty("pid").GetInt32().Should().Be(1234);

        var yaml = await CliRun.Of("export", "-f", RepositoryFiles.ReclaimCold, "--to", "damo", "--format", "yaml");
        yaml.Out.Should().StartWith("kdamonds:\n- refresh_ms: 0\n  contexts:\n");
        (await CliRun.Of("import", _folder.Write("back.yaml", yaml.Out), "--from", "damo")).ExitCode.Should().Be(ExitCode.Ok);
    }

    [Fact]
    public async Task A_file_that_is_there_is_not_overwritten()
    {
        var file = _folder.Write("mine.rec", "mine");
        var run = await CliRun.Of("import", Sample("records.json"), "--from", "damo", "--out", file);
        run.ExitCode.Should().Be(ExitCode.BadInput);
        run.Error.Should().Contain("is there already");
        (await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken)).Should().Be("mine");
        Directory.GetFiles(_folder.Path).Should().ContainSingle("nothing half made is left behind");
    }

    [Fact]
    public async Task A_damaged_recording_leaves_no_file()
    {
        var damaged = _folder.Write("damaged.rec", "no recording");
        var run = await CliRun.Of("export", "-r", damaged, "--to", "damo", "--out", PathOf("out.json"));
        run.ExitCode.Should().Be(ExitCode.BadInput);
        Directory.GetFiles(_folder.Path).Should().ContainSingle();
    }

    [Theory]
    [InlineData("--out: these are records", "import", "SAMPLE", "--from", "damo")]
    [InlineData("there is no such file", "import", "/nowhere/x", "--from", "damo")]
    [InlineData("there is no such folder", "import", "SAMPLE", "--from", "damo", "--out", "/nowhere/x")]
    [InlineData("schemes are written as json or yaml", "export", "-f", "SCHEME", "--to", "damo", "--format", "jsoncompressed")]
    [InlineData("a recording is written as json or jsoncompressed", "export", "-r", "x", "--to", "damo", "--format", "yaml")]
    [InlineData("--out: the compressed format is no text", "export", "-r", "x", "--to", "damo", "--format", "jsoncompressed")]
    public async Task What_does_not_go_is_told(string error, params string[] arguments)
    {
        var run = await CliRun.Of(Array.ConvertAll(arguments, a => a switch { "SAMPLE" => Sample("records.json"), "SCHEME" => RepositoryFiles.ReclaimCold, _ => a }));
        run.ExitCode.Should().Be(ExitCode.BadInput);
        run.Out.Should().BeEmpty();
        run.Error.Should().Contain(error);
    }

    [Fact]
    public async Task A_recording_made_here_is_read_by_its_own_export()
    {
        var file = RecordingSample.Write(_folder);
        using var json = JsonDocument.Parse((await CliRun.Of("export", "-r", file, "--to", "damo")).Out);
        json.RootElement[0].GetProperty("snapshots").GetArrayLength().Should().Be(RecordingSample.Snapshots);
        json.RootElement[0].GetProperty("target_id").GetInt32().Should().Be(4711);
    }

    private static string Sample(string name) => RepositoryFiles.PathOf($"tests/Damon.Interchange.Tests/Samples/{name}");

    private string PathOf(string name) => Path.Combine(_folder.Path, name);
}
