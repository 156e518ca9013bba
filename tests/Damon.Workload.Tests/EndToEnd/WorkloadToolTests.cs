using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Damon.Workload.Commands;
using Damon.Workload.Memory;

namespace Damon.Workload.Tests.EndToEnd;

[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "Gives the tool its pattern, and looks at the files it leaves behind.")]
public sealed class WorkloadToolTests : IDisposable
{
    private const string Pattern = """
        name: tiny
        description: a file that is hot and a heap that is cold after the start
        regions:
        - {name: cache, size: 128Ki, backing: File}
        - {name: heap, size: 64Ki, backing: Anonymous}
        phases:
        - name: init
          duration: 200ms
          once: true
          access:
          - {region: cache}
          - {region: heap}
        - name: run
          duration: LENGTH
          access:
          - {region: cache, order: Random}
        """;

    /// <summary>Beside the tests' binaries: temporary folders are often kept in memory, which the tool refuses.</summary>
    private readonly string _directory = Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, $"end-to-end-{Environment.ProcessId}-{Path.GetRandomFileName()}")).FullName;

    private readonly CancellationTokenSource _patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

    public WorkloadToolTests()
    {
        var refusal = FileSystemRule.RefusalFor(_directory, new LinuxMachineFacts().FileSystemTypeOf(_directory));
        Assert.SkipWhen(refusal is not null, $"The tests' binaries are not on a disk file system: {refusal}");
        _patience.CancelAfter(TimeSpan.FromMinutes(2));
    }

    public void Dispose()
    {
        Directory.Delete(_directory, recursive: true);
        _patience.Dispose();
    }

    [Fact]
    public async Task The_tool_runs_a_pattern_tells_of_it_and_leaves_no_file()
    {
        var data = Directory.CreateDirectory(Path.Combine(_directory, "data")).FullName;
        var truth = Path.Combine(_directory, "truth.jsonl");
        using var tool = new ToolProcess(PatternFile("600ms"), "-o", "json", "--rate", "50000", "--report-every", "250ms", "--directory", data, "--truth", truth);
        var (exitCode, lines, errors) = await tool.EndAsync(_patience.Token);

        errors.Should().BeEmpty();
        exitCode.Should().Be(ExitCode.Done);
        var events = lines.Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Name(events[0]).Should().Be("ready");
        events[0].GetProperty("pid").GetInt32().Should().Be(tool.Id);
        events[0].GetProperty("regions").EnumerateArray().Select(region => (region.GetProperty("name").GetString(), region.GetProperty("backing").GetString()))
            .Should().Equal(("cache", "File"), ("heap", "Anonymous"));
        events.Where(line => Name(line) == "phase-end").Select(line => line.GetProperty("phase").GetString()).Should().Equal("init", "run");
        events.Where(line => Name(line) == "phase-end").Should().OnlyContain(line => line.GetProperty("accesses").GetInt64() > 0);
        Name(events[^1]).Should().Be("end");
        events[^1].GetProperty("reason").GetString().Should().Be("completed");

        File.ReadAllLines(truth).Select(line => JsonDocument.Parse(line).RootElement)
            .Select(line => (line.GetProperty("phase").GetString(), line.GetProperty("region").GetString(), line.GetProperty("accessed").GetBoolean()))
            .Should().Equal(("init", "cache", true), ("init", "heap", true), ("run", "cache", true), ("run", "heap", false));
        Directory.EnumerateFileSystemEntries(data).Should().BeEmpty();
    }

    [Fact]
    public async Task A_termination_ends_the_tool_cleanly_and_its_files_with_it()
    {
        var data = Directory.CreateDirectory(Path.Combine(_directory, "data")).FullName;
        using var tool = new ToolProcess(PatternFile("100h"), "-o", "json", "--directory", data);
        var ready = JsonDocument.Parse((await tool.ReadLineAsync(_patience.Token))!).RootElement;
        File.Exists(ready.GetProperty("regions")[0].GetProperty("file").GetString()).Should().BeTrue();

        tool.Terminate();
        var (exitCode, lines, errors) = await tool.EndAsync(_patience.Token);

        errors.Should().BeEmpty();
        exitCode.Should().Be(ExitCode.Interrupted);
        using var end = JsonDocument.Parse(lines[^1]);
        end.RootElement.GetProperty("reason").GetString().Should().Be("interrupted");
        Directory.EnumerateFileSystemEntries(data).Should().BeEmpty();
    }

    private string PatternFile(string length)
    {
        var path = Path.Combine(_directory, "pattern.yaml");
        File.WriteAllText(path, Pattern.Replace("LENGTH", length, StringComparison.Ordinal));
        return path;
    }

    private static string? Name(JsonElement line) => line.GetProperty("event").GetString();
}
