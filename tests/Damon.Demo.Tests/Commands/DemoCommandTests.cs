using Damon.Demo.Commands;
using Damon.Testing;

namespace Damon.Demo.Tests.Commands;

public sealed class DemoCommandTests : IDisposable
{
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();
    private readonly FakeHost _host = new();

    public void Dispose()
    {
        _output.Dispose();
        _error.Dispose();
        _host.Dispose();
    }

    [Fact]
    public async Task Without_the_built_programs_it_cannot_run_and_says_which_is_missing()
    {
        (await InvokeAsync()).Should().Be(ExitCode.Unsupported);

        _output.ToString().Should().Contain("is not there: build the repository first");
    }

    [Theory]
    [InlineData("--unheard")]
    [InlineData("--backend", "Psychic")]
    [InlineData("too", "much")]
    public async Task A_wrong_command_line_runs_nothing(params string[] arguments)
    {
        (await InvokeAsync(arguments)).Should().Be(ExitCode.BadUsage);

        _error.ToString().Should().Contain("See damon-demo --help.");
        _output.ToString().Should().BeEmpty();
    }

    private Task<int> InvokeAsync(params string[] arguments) =>
        new DemoCommand(_output, _error, TimeProvider.System, _host.Root, "/nowhere/artifacts/bin/Damon.Demo/release").InvokeAsync(arguments, TestContext.Current.CancellationToken);
}
