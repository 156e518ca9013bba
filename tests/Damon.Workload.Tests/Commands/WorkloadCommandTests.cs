using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using Damon.Workload.Commands;
using Damon.Workload.Tests.Memory;

namespace Damon.Workload.Tests.Commands;

[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "Gives the command its pattern, and looks at the files it leaves behind.")]
public sealed class WorkloadCommandTests : IDisposable
{
    private const string Pattern = """
        name: tiny
        description: two small regions, one of them cold after the first second
        regions:
        - {name: heap, size: 64Ki, backing: Anonymous}
        - {name: cache, size: 64Ki, backing: File}
        phases:
        - name: init
          duration: 1s
          once: true
          access:
          - {region: heap}
          - {region: cache}
        - name: run
          duration: 2s
          access:
          - {region: heap, order: Random}
        """;

    private readonly string _directory = Directory.CreateTempSubdirectory("damon-workload-tests-").FullName;
    private readonly MemoryStream _output = new();
    private readonly StringWriter _error = new();

    public void Dispose()
    {
        Directory.Delete(_directory, recursive: true);
        _output.Dispose();
        _error.Dispose();
    }

    [Theory]
    [InlineData("--duration", "5")]
    [InlineData("--duration", "0s")]
    [InlineData("--duration", "-5s")]
    [InlineData("--report-every", "soon")]
    [InlineData("--rate", "0")]
    [InlineData("--rate", "fast")]
    [InlineData("--rate", "1e400")]
    [InlineData("--seed", "-1")]
    [InlineData("--seed", "18446744073709551616")]
    [InlineData("--scale", "0")]
    [InlineData("--scale", "1/0")]
    [InlineData("--scale", "1/2/3")]
    [InlineData("--output", "xml")]
    [InlineData("--surprise", "1")]
    public void A_bad_option_is_bad_usage_and_named(string option, string value)
    {
        Invoke([PatternFile(), option, value]).Should().Be(ExitCode.BadUsage);

        _error.ToString().Should().Contain(option).And.Contain("--help");
        Output().Should().BeEmpty();
    }

    [Fact]
    public void A_pattern_must_be_named() => Invoke([]).Should().Be(ExitCode.BadUsage);

    [Fact]
    public void A_pattern_that_is_not_there_is_bad_usage_and_named()
    {
        Invoke(["/nowhere/pattern.yaml"]).Should().Be(ExitCode.BadUsage);

        _error.ToString().Should().Contain("/nowhere/pattern.yaml");
    }

    [Fact]
    public void Every_error_of_a_pattern_is_told_with_its_place()
    {
        var file = PatternFile(Pattern.Replace("backing: File", "backing: Tape", StringComparison.Ordinal).Replace("2s", "2 s", StringComparison.Ordinal));
        Invoke([file]).Should().Be(ExitCode.BadUsage);

        _error.ToString().Should().Contain($"{file}:5:").And.Contain($"{file}:14:");
    }

    [Fact]
    public void A_memory_file_system_is_refused_with_the_remedy()
    {
        Invoke([PatternFile()], machine: new MachineFactsTable(MachineFactsTable.Tmpfs)).Should().Be(ExitCode.NoRoom);

        _error.ToString().Should().Contain("tmpfs").And.Contain("--directory");
    }

    [Fact]
    public void Too_little_memory_is_refused()
    {
        Invoke([PatternFile()], machine: new MachineFactsTable(MachineFactsTable.Ext4, Available: 1000)).Should().Be(ExitCode.NoRoom);

        _error.ToString().Should().Contain("--scale");
    }

    [Fact]
    public void A_truth_file_that_cannot_be_written_is_bad_usage()
    {
        Invoke([PatternFile(), "--truth", "/nowhere/truth.jsonl"]).Should().Be(ExitCode.BadUsage);

        _error.ToString().Should().Contain("/nowhere/truth.jsonl");
    }

    [Fact]
    public void A_pass_writes_events_and_truth_and_leaves_no_file()
    {
        var truth = Path.Combine(_directory, "truth.jsonl");
        Invoke([PatternFile(), "-o", "json", "--rate", "5000", "--report-every", "500ms", "--truth", truth]).Should().Be(ExitCode.Done);

        _error.ToString().Should().BeEmpty();
        EventsOf(Output()).Should().Equal("ready", "progress", "phase-end", "progress", "progress", "progress", "phase-end", "end");
        File.ReadAllLines(truth).Select(line => JsonDocument.Parse(line).RootElement)
            .Select(line => (line.GetProperty("phase").GetString(), line.GetProperty("region").GetString(), line.GetProperty("accessed").GetBoolean()))
            .Should().Equal(("init", "heap", true), ("init", "cache", true), ("run", "heap", true), ("run", "cache", false));
        FilesLeft().Should().BeEquivalentTo("pattern.yaml", "truth.jsonl");
    }

    [Theory]
    [InlineData("1/4", 16 << 10)]
    [InlineData("0.5", 32 << 10)]
    [InlineData("2", 128 << 10)]
    public void A_scale_changes_the_size_of_every_region(string scale, int bytes)
    {
        Invoke([PatternFile(), "-o", "json", "--scale", scale]).Should().Be(ExitCode.Done);

        using var ready = JsonDocument.Parse(Output().Split('\n')[0]);
        ready.RootElement.GetProperty("regions").EnumerateArray()
            .Should().OnlyContain(region => region.GetProperty("end").GetUInt64() - region.GetProperty("start").GetUInt64() == (ulong)bytes);
    }

    [Fact]
    public void Text_is_the_default()
    {
        Invoke([PatternFile()]).Should().Be(ExitCode.Done);

        Output().Should().StartWith("ready: pattern tiny").And.Contain("completed after");
    }

    [Fact]
    public void An_interruption_before_the_first_phase_leaves_nothing()
    {
        Invoke([PatternFile()], interrupted: new CancellationToken(canceled: true)).Should().Be(ExitCode.Interrupted);

        Output().Should().BeEmpty();
        FilesLeft().Should().Equal("pattern.yaml");
    }

    [Fact]
    public void A_truth_that_can_no_longer_be_written_ends_the_run()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "There is no /dev/full here, the file that is always full.");

        Invoke([PatternFile(), "--truth", "/dev/full"]).Should().Be(ExitCode.OutputLost);

        _error.ToString().Should().NotBeEmpty();
        FilesLeft().Should().Equal("pattern.yaml");
    }

    [Fact]
    public void Help_names_every_option()
    {
        Invoke(["--help"]).Should().Be(0);

        Output().Should().ContainAll("--duration", "--directory", "--rate", "--seed", "--report-every", "--output", "--truth", "--scale", "PATTERN");
    }

    private int Invoke(string[] arguments, MachineFactsTable? machine = null, CancellationToken? interrupted = null)
    {
        var time = new JumpingTimeProvider(perLook: TimeSpan.FromMilliseconds(1));
        var command = new WorkloadCommand(_output, _error, time, machine ?? new MachineFactsTable(MachineFactsTable.Ext4), temporaryDirectory: _directory);
        return command.Invoke(arguments, interrupted ?? TestContext.Current.CancellationToken);
    }

    private string PatternFile(string text = Pattern)
    {
        var path = Path.Combine(_directory, "pattern.yaml");
        File.WriteAllText(path, text);
        return path;
    }

    private string Output() => Encoding.UTF8.GetString(_output.ToArray());

    private IEnumerable<string> FilesLeft() => Directory.EnumerateFileSystemEntries(_directory).Select(path => Path.GetFileName(path));

    private static IEnumerable<string?> EventsOf(string output) =>
        output.TrimEnd('\n').Split('\n').Select(line => JsonDocument.Parse(line).RootElement.GetProperty("event").GetString());
}
