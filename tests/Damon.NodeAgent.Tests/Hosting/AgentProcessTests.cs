using System.Text.Json;
using Damon.Hosting.Processes;
using Damon.NodeAgent.Hosting;
using Damon.NodeAgent.Tests.Cluster;
using Damon.Testing.ApiServer;
using Microsoft.Extensions.Time.Testing;

namespace Damon.NodeAgent.Tests.Hosting;

public sealed class AgentProcessTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly FakeApiServer _server;
    private readonly StringWriter _log = new();
    private readonly CancellationTokenSource _stop = new();

    public AgentProcessTests() =>
        _server = new FakeApiServer(_time, ClusterBench.Plans, ClusterBench.Configs, ClusterBench.Namespaces, ClusterBench.Nodes, FakeKind.Pods, FakeKind.Events);

    public void Dispose()
    {
        _stop.Dispose();
        _server.Dispose();
        _log.Dispose();
    }

    [Fact]
    public async Task Asked_to_end_the_loop_puts_back_first_and_the_process_ends_well()
    {
        using var body = new FakeBody(_time);
        var running = Run(body);
        await _stop.CancelAsync();

        (await running).Should().Be(AgentExitCode.Ok);
        body.IsUndone.Should().BeTrue();
        Levels().Should().NotContain(["warn", "error"]);
    }

    [Fact]
    public async Task A_loop_that_has_not_put_back_when_its_time_is_over_is_left_behind()
    {
        using var body = new FakeBody(_time);
        body.Hold();
        var running = Run(body);
        await _stop.CancelAsync();
        await body.Ending.Task;
        while (!running.IsCompleted)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        (await running).Should().Be(AgentExitCode.Failed);
        (_time.GetUtcNow() - _time.Start).Should().BeGreaterThanOrEqualTo(AgentProcess.UndoGrace);
        _log.ToString().Should().Contain("the loop did not end within 20 s");
        body.Release();
    }

    [Fact]
    public async Task A_loop_that_ends_by_a_fault_ends_the_process()
    {
        using var body = new FakeBody(_time) { Fault = new InvalidOperationException("by the test") };

        (await Run(body)).Should().Be(AgentExitCode.Failed);
        _log.ToString().Should().Contain("by the test");
    }

    [Fact]
    public void The_kubelet_s_grace_is_kept() =>
        (AgentProcess.UndoGrace + AgentProcess.FarewellGrace).Should().BeLessThan(TimeSpan.FromSeconds(30));

    [Fact]
    public void The_second_signal_ends_at_once_and_the_first_does_not()
    {
        var ended = 0;
        using var signals = new StopSignals(() => ended++);
        signals.Take();
        (signals.Stop.IsCancellationRequested, ended).Should().Be((true, 0));
        signals.Take();
        ended.Should().Be(1);
    }

    [Theory]
    [InlineData("--help", "--kubeconfig")]
    [InlineData("--version", ".")]
    public async Task Help_and_version_are_answers(string flag, string expected)
    {
        using var output = new StringWriter();
        (await Program([flag], output)).Should().Be(AgentExitCode.Ok);
        output.ToString().Should().Contain(expected);
        _log.ToString().Should().BeEmpty();
    }

    [Theory]
    [InlineData("cannot be spoken to: this is no pod", "--node-name", "n1")]
    [InlineData("cannot be spoken to", "--node-name", "n1", "--kubeconfig", "/nowhere/at/all")]
    [InlineData("is no flag", "x")]
    public async Task What_makes_a_start_impossible_is_one_line_and_its_exit_code(string message, params string[] args)
    {
        (await Program(args, TextWriter.Null)).Should().Be(AgentExitCode.BadInput);
        Levels().Should().Equal("error");
        _log.ToString().Should().Contain(message);
    }

    private async Task<int> Program(string[] args, TextWriter output) =>
        await AgentProgram.RunAsync(args, output, _log, _ => null, _time, (AgentOptions _, JsonLog _, TimeProvider _, ulong _, out string why) =>
        {
            why = "not reached";
            return null;
        }, CancellationToken.None);

    private Task<int> Run(FakeBody body) =>
        new AgentProcess(ClusterBench.ClientOf(_server, _time), ClusterBench.NodeName, body, new JsonLog(_log, _time), _time, seed: 1).RunAsync(_stop.Token);

    private List<string?> Levels() =>
        [.. _log.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("level").GetString())];
}
