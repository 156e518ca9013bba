using Damon.Cli.Tests.Doctor;
using Damon.Testing;

namespace Damon.Cli.Tests.Run;

public class SystemdUnitTests
{
    [Fact]
    public async Task The_example_unit_starts_a_command_that_damonctl_understands()
    {
        using var host = Machines.WithEverything();
        var lines = RepositoryFiles.Text("deploy/systemd/damon-run@.service").Split('\n');
        var start = lines.Single(line => line.StartsWith("ExecStart=", StringComparison.Ordinal))["ExecStart=".Length..].Replace("%i", "nope", StringComparison.Ordinal).Split(' ');
        start[0].Should().EndWith("/damonctl");

        var run = await CliRun.On(host.Folder, [.. start[1..].Select(word => word == "/etc/damon/nope.yaml" ? RepositoryFiles.ReclaimCold : word), "--backend", "Referenced"]);

        // All of the command line was understood: what is missing is the service.
        run.ExitCode.Should().Be(ExitCode.Failed);
        run.Error.Should().Contain("/sys/fs/cgroup/system.slice/nope.service");
        lines.Should().Contain($"SuccessExitStatus={ExitCode.Interrupted}");
    }
}
