using System.Text.Json;
using Damon.Operator.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace Damon.Operator.Tests.Hosting;

public sealed class OperatorProgramTests : IDisposable
{
    private readonly StringWriter _log = new();

    public void Dispose() => _log.Dispose();

    [Theory]
    [InlineData("--help", "--cluster-config PATH")]
    [InlineData("-h", "SIGTERM")]
    [InlineData("--version", ".")]
    public async Task Help_and_version_are_answers(string flag, string expected)
    {
        using var output = new StringWriter();
        (await Program([flag], output)).Should().Be(OperatorExitCode.Ok);
        output.ToString().Should().Contain(expected);
        _log.ToString().Should().BeEmpty();
    }

    [Theory]
    [InlineData("cannot be spoken to: this is no pod", "--namespace", "damon-system")]
    [InlineData("cannot be spoken to", "--namespace", "damon-system", "--kubeconfig", "/nowhere/at/all")]
    [InlineData("--cluster-config: /missing cannot be read: not here", "--namespace", "damon-system", "--cluster-config", "/missing")]
    [InlineData("is no flag", "x")]
    [InlineData("cannot be spoken to: this is no pod", "check", "--namespace", "damon-system")]
    [InlineData("--timeout must be", "uninstall", "--timeout", "1h")]
    public async Task What_makes_a_start_impossible_is_one_line_and_its_exit_code(string message, params string[] args)
    {
        (await Program(args, TextWriter.Null)).Should().Be(OperatorExitCode.BadInput);
        var line = JsonDocument.Parse(_log.ToString()).RootElement;
        line.GetProperty("level").GetString().Should().Be("error");
        line.GetProperty("message").GetString().Should().Contain(message);
    }

    [Fact]
    public async Task An_uninstallation_without_a_server_says_so_and_does_not_keep_anybody_from_uninstalling()
    {
        (await Program(["uninstall"], TextWriter.Null)).Should().Be(OperatorExitCode.Ok);
        _log.ToString().Should().Contain("cannot be spoken to");
    }

    [Fact]
    public void The_kubelet_s_grace_is_kept() => OperatorProcess.EndGrace.Should().BeLessThan(TimeSpan.FromSeconds(30));

    private Task<int> Program(string[] args, TextWriter output) => OperatorProgram.RunAsync(args, output, _log, _ => null, Missing, new FakeTimeProvider(), CancellationToken.None);

    private static string? Missing(string path, int maxBytes, out string error)
    {
        error = "not here";
        return null;
    }
}
