using Damon.Testing;

namespace Damon.Cli.Tests;

public class DamonctlCommandTests
{
    private static readonly string Scheme = RepositoryFiles.ReclaimCold;
    private static readonly string Pattern = RepositoryFiles.Pattern("hotcold");

    /// <summary>A command line, and what has to stand in the message so that its reader knows which part is wrong.</summary>
    public static TheoryData<string[], string> BadUsage => new()
    {
        { [], "command" },
        { ["evaporate"], "evaporate" },
        { ["doctor", "--surprise"], "--surprise" },
        { ["doctor", "extra"], "extra" },
        { ["doctor", "-o", "xml"], "\"xml\" is not a format; write text or json" },
        { ["doctor", "-o"], "-o" },
        { ["doctor", "-o", "JSON"], "write text or json" },
        { ["doctor", "-o", "1"], "write text or json" },
        { ["validate"], "--file" },
        { ["validate", "-f"], "-f" },
        { ["validate", "--surprise", "--file", Scheme], "--surprise" },
        { ["simulate", "-w", Pattern], "--file" },
        { ["simulate", "-f", Scheme], "--workload" },
        { ["simulate", "-f", Scheme], "--recording" },
        { ["simulate", "-f", Scheme, "-w", Pattern, "-r", "x"], "exactly one of --workload PATTERN and --recording FILE" },
        { ["simulate", "-f", Scheme, "-r", "x", "--seed", "2"], "--seed does not go with --recording" },
        { ["run", "-f", Scheme, "--pid", "42", "--record-every", "0"], "--record-every" },
        { ["run", "-f", Scheme, "--pid", "42", "--record-every", "x"], "--record-every" },
        { ["recording"], "command" },
        { ["agent"], "command" },
        { ["agent", "heatmap"], "NAMESPACE/POD" },
        { ["agent", "heatmap", "worker-0"], "write NAMESPACE/POD" },
        { ["agent", "heatmap", "batch/../x"], "write NAMESPACE/POD" },
        { ["agent", "heatmap", "batch/Worker"], "write NAMESPACE/POD" },
        { ["agent", "heatmap", "/worker-0"], "write NAMESPACE/POD" },
        { ["agent", "snapshot", "--url", "127.0.0.1:80"], "write http://HOST:PORT" },
        { ["agent", "snapshot", "--url", "file:///etc/passwd"], "write http://HOST:PORT" },
        { ["agent", "snapshot", "--url", "http://user@localhost"], "write http://HOST:PORT" },
        { ["agent", "snapshot", "--url", "http://localhost/metrics"], "write http://HOST:PORT" },
        { ["agent", "metrics", "-o", "json"], "-o" },
        { ["recording", "show"], "show" },
        { ["import", "x"], "--from" },
        { ["import", "x", "--from", "perf"], "\"perf\" is not a tool; write damo" },
        { ["export", "-f", Scheme], "--to" },
        { ["export", "--to", "damo"], "exactly one of --file SCHEMES and --recording FILE" },
        { ["export", "--to", "damo", "-f", Scheme, "-r", "x"], "exactly one of" },
        { ["simulate", "-f", Scheme, "-w", Pattern, "--mode", "Sometimes"], "write Observe or Enforce" },
        { ["simulate", "-f", Scheme, "-w", Pattern, "--mode", "1"], "write Observe or Enforce" },
        { ["simulate", "-f", Scheme, "-w", Pattern, "--duration", "60"], "without a unit" },
        { ["simulate", "-f", Scheme, "-w", Pattern, "--duration", "-1s"], "--duration" },
        { ["simulate", "-f", Scheme, "-w", Pattern, "--seed", "-1"], "--seed" },
        { ["simulate", "-f", Scheme, "-w", Pattern, "--seed", "x"], "--seed" },
        { ["simulate", "-f", Scheme, "-w", Pattern, "-o", "yaml"], "write text or json" },
    };

    [Theory]
    [MemberData(nameof(BadUsage))]
    public async Task Bad_usage_is_named_and_nothing_is_done(string[] arguments, string message)
    {
        var run = await CliRun.Of(arguments);
        run.ExitCode.Should().Be(ExitCode.BadInput);
        run.Out.Should().BeEmpty();
        run.Error.Should().Contain(message);
        run.ErrorLines[^1].Should().Be("See 'damonctl --help'.");
    }

    [Theory]
    [InlineData("validate", "--set")]
    [InlineData("simulate", "--workload")]
    [InlineData("simulate", "--recording")]
    [InlineData("run", "--record")]
    [InlineData("recording", "show")]
    [InlineData("agent", "heatmap")]
    [InlineData("import", "--from")]
    [InlineData("export", "--recording")]
    [InlineData("doctor", "--output")]
    public async Task Help_lists_every_option(string command, string option)
    {
        var run = await CliRun.Of(command, "--help");
        run.ExitCode.Should().Be(ExitCode.Ok);
        run.Out.Should().Contain(option);
        (await CliRun.Of("--help")).Out.Should().Contain(command);
    }
}
