using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Damon.Testing;

namespace Damon.Cli.Tests.Recordings;

[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "The files that a test gives to a command.")]
public sealed class RecordingCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Show_says_how_long_what_and_how_much_was_accessed()
    {
        var run = await CliRun.Of("recording", "show", RecordingSample.Write(_folder));
        run.ExitCode.Should().Be(ExitCode.Ok, run.Error);
        run.Error.Should().BeEmpty();
        run.Out.Should().ContainAll("200 snapshots, 20s sampled", "whole", "began 2026-01-02 03:04:05 UTC", "sample 5ms, aggregation 100ms, update 1m00s", "4711 postgres", "of 64 MiB", "16 MiB");
    }

    [Fact]
    public async Task Show_as_json_has_every_figure()
    {
        var file = RecordingSample.Write(_folder, resetsAges: true);
        var run = await CliRun.Of("recording", "show", file, "-o", "json");
        using var json = JsonDocument.Parse(run.Out);
        var root = json.RootElement;
        root.EnumerateObject().Select(p => p.Name).Should().Equal(
            "recording", "end", "error", "droppedBytes", "recordingBytes", "durationSeconds", "snapshots", "intervalChanges", "firstIntervals", "lastIntervals", "mostRegions", "mostBytes",
            "workingSetBytes", "segments", "targets");
        root.GetProperty("end").GetString().Should().Be("End");
        root.GetProperty("durationSeconds").GetDouble().Should().Be(20);
        root.GetProperty("recordingBytes").GetInt64().Should().Be(new FileInfo(file).Length);
        root.GetProperty("workingSetBytes").GetProperty("p50").GetUInt64().Should().Be(RecordingSample.HotBytes);
        root.GetProperty("segments")[0].GetProperty("schemesResetAges").GetBoolean().Should().BeTrue();
        root.GetProperty("targets")[0].GetProperty("name").GetString().Should().Be("postgres");
    }

    [Fact]
    public async Task A_torn_tail_is_told_and_is_no_failure()
    {
        var run = await CliRun.Of("recording", "show", RecordingSample.Write(_folder, cutBytes: 3));
        run.ExitCode.Should().Be(ExitCode.Ok);
        run.Out.Should().Contain("199 snapshots").And.Contain("torn tail");
        run.ErrorLines.Should().ContainSingle().Which.Should().Contain("was not written whole");
    }

    [Fact]
    public async Task Damage_in_the_middle_is_an_error_with_its_offset_behind_what_is_good()
    {
        var file = RecordingSample.Write(_folder);
        var bytes = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(file, bytes, TestContext.Current.CancellationToken);
        var run = await CliRun.Of("recording", "show", file);
        run.ExitCode.Should().Be(ExitCode.BadInput);
        run.Error.Should().MatchRegex("at offset [0-9]+");
        run.Out.Should().Contain("damaged");
        (await CliRun.Of("simulate", "-f", RepositoryFiles.ReclaimCold, "-r", file)).ExitCode.Should().Be(ExitCode.BadInput);
    }

    [Theory]
    [InlineData("nothing.rec", "there is no such file")]
    [InlineData(".", "is a folder")]
    [InlineData("text.rec", "is not a recording")]
    [InlineData("empty.rec", "is empty")]
    public async Task What_is_no_recording_is_told_in_one_line(string name, string error)
    {
        _folder.Write("text.rec", "hello");
        _folder.Write("empty.rec", "");
        foreach (var arguments in new string[][] { ["recording", "show"], ["simulate", "-f", RepositoryFiles.ReclaimCold, "-r"], ["export", "--to", "damo", "-r"] })
        {
            var run = await CliRun.Of([.. arguments, Path.Combine(_folder.Path, name)]);
            run.ExitCode.Should().Be(ExitCode.BadInput);
            run.Out.Should().BeEmpty();
            run.ErrorLines.Should().ContainSingle().Which.Should().Contain(error);
        }
    }

    [Fact]
    public async Task A_scheme_is_tried_on_a_recording()
    {
        var file = RecordingSample.Write(_folder);
        var five = await Simulate(file, "--set", "pattern.age.min=5s");
        five.GetProperty("snapshots").GetInt32().Should().Be(RecordingSample.Snapshots);
        five.GetProperty("durationSeconds").GetDouble().Should().Be(20);
        five.GetProperty("memoryBytes").GetUInt64().Should().Be(RecordingSample.HotBytes + RecordingSample.ColdBytes);
        five.GetProperty("advisedBytes").GetUInt64().Should().Be(RecordingSample.ColdBytes, "what is cold is counted once, and nothing else");
        five.GetProperty("falsePositiveBytes").GetUInt64().Should().Be(0);
        five.GetProperty("agesWereReset").GetBoolean().Should().BeFalse();

        var never = await Simulate(file, "--set", "pattern.age.min=1h");
        never.GetProperty("matchedBytes").GetUInt64().Should().Be(0);

        var short_ = await Simulate(file, "--set", "pattern.age.min=5s", "--duration", "3s");
        short_.GetProperty("durationSeconds").GetDouble().Should().Be(3);
        short_.GetProperty("matchedBytes").GetUInt64().Should().Be(0);
    }

    [Fact]
    public async Task Json_of_a_replay_has_exactly_these_keys() =>
        (await Simulate(RecordingSample.Write(_folder))).EnumerateObject().Select(p => p.Name).Should().Equal(
            "recording", "durationSeconds", "snapshots", "aggregations", "segments", "droppedBytes", "agesWereReset", "memoryBytes", "matchedBytes", "advisedBytes", "appliedBytes",
            "averageAwayBytes", "falsePositiveBytes", "regions", "schemes");

    [Fact]
    public async Task Ages_that_other_schemes_have_started_anew_are_told()
    {
        var run = await CliRun.Of("simulate", "-f", RepositoryFiles.ReclaimCold, "-r", RecordingSample.Write(_folder, resetsAges: true));
        run.ExitCode.Should().Be(ExitCode.Ok, run.Error);
        string.Join(' ', run.Out.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries)).Should().Contain("Record beside a Stat scheme alone.").And.Contain("heatmap");
    }

    [Theory]
    [InlineData("filters=[{type: Anonymous, matching: true, allow: false}]", "spec.filters")]
    [InlineData("watermarks={metric: FreeMemory, interval: 1s, high: \"50%\", mid: \"40%\", low: \"5%\"}", "spec.watermarks")]
    public async Task What_a_recording_does_not_say_is_refused_with_its_field(string set, string field)
    {
        var run = await CliRun.Of("simulate", "-f", RepositoryFiles.ReclaimCold, "-r", RecordingSample.Write(_folder), "--set", set);
        run.ExitCode.Should().Be(ExitCode.Unsupported);
        run.Out.Should().BeEmpty();
        run.ErrorLines.Should().ContainSingle().Which.Should().StartWith($"reclaim-cold: UnsupportedField: {field}: ");
    }

    [Fact]
    public async Task A_machine_does_not_go_with_a_recording()
    {
        var run = await CliRun.Of("simulate", "-f", RepositoryFiles.ReclaimCold, "-r", RecordingSample.Write(_folder), "--machine", "1Gi");
        run.ExitCode.Should().Be(ExitCode.BadInput);
        run.Error.Should().Contain("--machine");
    }

    private static async Task<JsonElement> Simulate(string file, params string[] more)
    {
        var run = await CliRun.Of(["simulate", "-f", RepositoryFiles.ReclaimCold, "--set", "quota.size=1Gi", "--recording", file, "-o", "json", .. more]);
        run.ExitCode.Should().Be(ExitCode.Ok, run.Error);
        using var document = JsonDocument.Parse(run.Out);
        return document.RootElement.Clone();
    }
}
