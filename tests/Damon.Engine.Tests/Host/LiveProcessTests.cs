using System.Diagnostics;
using Damon.Engine.Host;

#pragma warning disable RS0030 // Starts a process of its own and looks at it.

namespace Damon.Engine.Tests.Host;

/// <summary>What the fake host claims about held files of /proc, asked of the real kernel with a process of the test's own.</summary>
public class LiveProcessTests
{
    [Fact]
    public async Task Held_files_tell_exec_and_exit_on_the_real_kernel()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var host = new HostRoot();
        using var shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "read line; exec sleep 600"]) { RedirectStandardInput = true, UseShellExecute = false })!;
        try
        {
            // The child is first a copy of this process: wait for the shell itself.
            await Until(() => host.ReadText($"/proc/{shell.Id}/cmdline").TryGet(out var line) && line.StartsWith("/bin/sh", StringComparison.Ordinal), cancellation);
            using var watch = ProcessWatch.Open(host, shell.Id).Value;
            using var maps = host.Open($"/proc/{shell.Id}/maps").Value;
            var reader = new HostReader();
            watch.Check().Should().Be(ProcessLife.Same);
            watch.Image.StartCode.Should().BePositive();
            reader.Read(maps).Value.Should().BePositive();

            await shell.StandardInput.WriteLineAsync("go");
            await Until(() => watch.Check() != ProcessLife.Same, cancellation);
            watch.Check().Should().Be(ProcessLife.ReplacedByExec);
            reader.Read(maps).Value.Should().Be(0, "the file belongs to the address space it was opened for");

            var found = new List<ProcessIdentity>();
            ProcessTree.Find(host, [ProcessTree.Identify(host, Environment.ProcessId).Value], found).IsOk.Should().BeTrue();
            found.Should().Contain(watch.Identity);

            shell.Kill();
            await shell.WaitForExitAsync(cancellation);
            await Until(() => watch.Check() == ProcessLife.Exited, cancellation);
        }
        finally
        {
            shell.Kill();
        }
    }

    private static async Task Until(Func<bool> condition, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        while (!condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, limit.Token);
        }
    }
}
