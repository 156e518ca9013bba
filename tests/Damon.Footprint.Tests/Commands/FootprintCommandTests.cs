using Damon.Footprint.Commands;

namespace Damon.Footprint.Tests.Commands;

public class FootprintCommandTests
{
    [Theory]
    [InlineData("--agent")]
    [InlineData("--agent /bin/true")]
    [InlineData("--agent /bin/true --paced-agent /bin/true --stage nothing")]
    [InlineData("--agent /bin/true --paced-agent /bin/true --schemes 11")]
    [InlineData("--agent /bin/true --paced-agent /bin/true --pods 0")]
    [InlineData("--agent /bin/true --paced-agent /bin/true -o yaml")]
    public async Task A_wrong_command_line_is_refused_before_anything_runs(string arguments)
    {
        using var error = new StringWriter();
        (await InvokeAsync(arguments, error)).Should().Be(ExitCode.BadUsage);
        error.ToString().Should().Contain("--help");
    }

    [Fact]
    public async Task A_program_that_is_not_compiled_is_named_with_what_compiles_it()
    {
        using var error = new StringWriter();
        (await InvokeAsync("--agent /nowhere/damon-agent --paced-agent /bin/true", error)).Should().Be(ExitCode.Unsupported);
        error.ToString().Should().Contain("/nowhere/damon-agent").And.Contain("make footprint");
    }

    [Fact]
    public async Task An_agent_that_ends_at_once_is_no_result_and_is_told_with_its_words()
    {
        using var error = new StringWriter();
        (await InvokeAsync("--agent /bin/true --paced-agent /bin/true --fake-server --stage shipped --pods 1 --settle 0 --measure 1", error)).Should().Be(ExitCode.NotHeld);
        error.ToString().Should().Contain("the agent has ended by itself");
    }

    private static async Task<int> InvokeAsync(string arguments, StringWriter error)
    {
        using var output = new StringWriter();
        return await new FootprintCommand(output, error, TimeProvider.System).InvokeAsync(arguments.Split(' '), CancellationToken.None);
    }
}
