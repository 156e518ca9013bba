using Damon.Engine.Host;
using Damon.NodeAgent.Standalone;
using Damon.Testing;

namespace Damon.NodeAgent.Tests.Standalone;

public class ChildProcessTests
{
    [Fact]
    public void A_command_that_cannot_be_identified_is_not_left_running()
    {
        // A host tree without the child's /proc directory.
        using var host = new FakeHost();
        var argument = $"{3600 + (Environment.ProcessId / 1e7):F7}";

        ChildProcess.Start(host.Root, ["sleep", argument], output: null).IsOk.Should().BeFalse();

        CommandLines().Should().NotContain(line => line.Contains(argument, StringComparison.Ordinal));
    }

    private static List<string> CommandLines()
    {
        var root = new HostRoot("/");
        var entries = new List<HostDirectoryEntry>();
        root.List("/proc", entries);
        return [.. entries.Where(e => int.TryParse(e.Name, out _)).Select(e => root.ReadText($"/proc/{e.Name}/cmdline").TryGet(out var line) ? line : "")];
    }
}
