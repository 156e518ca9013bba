using Damon.Demo.Children;

namespace Damon.Demo.Tests.Children;

public class ChildProcessTests
{
    [Fact]
    public async Task Lines_errors_and_exit_code_come_from_the_child()
    {
        await using var child = Start("echo one; echo $DAMON_DEMO_TEST; echo wrong >&2; exit 3");

        (await child.ReadLineAsync(TestContext.Current.CancellationToken)).Should().Be("one");
        (await child.ReadLineAsync(TestContext.Current.CancellationToken)).Should().Be("given");
        (await child.ReadLineAsync(TestContext.Current.CancellationToken)).Should().BeNull();
        (await child.EndAsync(TestContext.Current.CancellationToken)).Should().Be("wrong");
        child.ExitCode.Should().Be(3);
    }

    [Fact]
    public async Task A_child_is_asked_to_end_and_waited_for()
    {
        var child = Start("trap 'echo cleaned up; exit 0' TERM; echo ready; while :; do sleep 0.05; done");
        (await child.ReadLineAsync(TestContext.Current.CancellationToken)).Should().Be("ready");
        var last = child.ReadLineAsync(TestContext.Current.CancellationToken);

        await child.DisposeAsync();

        (await last).Should().Be("cleaned up");
    }

    [Fact]
    public async Task Waiting_for_a_line_ends_when_cancelled()
    {
        await using var child = Start("echo ready; while :; do sleep 0.05; done");
        await child.ReadLineAsync(TestContext.Current.CancellationToken);
        using var cancelled = new CancellationTokenSource();
        var waiting = child.ReadLineAsync(cancelled.Token);

        await cancelled.CancelAsync();

        await waiting.Invoking(task => task).Should().ThrowAsync<OperationCanceledException>();
    }

    private static ChildProcess Start(string script) => ChildProcess.Start(
        "/bin/sh", ["-c", script], "/", TimeProvider.System, new Dictionary<string, string>(StringComparer.Ordinal) { ["DAMON_DEMO_TEST"] = "given" });
}
