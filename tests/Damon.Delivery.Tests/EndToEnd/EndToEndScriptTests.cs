namespace Damon.Delivery.Tests.EndToEnd;

/// <summary>Where there is no cluster the end-to-end tests say so, and are not green by that.</summary>
public class EndToEndScriptTests
{
    private static readonly Dictionary<string, string?> NoCluster = new() { ["KUBECONFIG"] = "/nowhere/kubeconfig", ["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin" };

    [Fact]
    public async Task Without_a_cluster_they_end_with_69_and_the_reason_and_claim_nothing()
    {
        var run = await ScriptRun.OfAsync(NoCluster, "tests/e2e/run");

        run.ExitCode.Should().Be(ScriptRun.Unavailable, run.Output);
        run.Output.Should().StartWith("e2e: nothing was tried: ").And.NotContain("ok ");
    }

    [Fact]
    public async Task An_argument_that_there_is_not_is_refused() => (await ScriptRun.OfAsync(NoCluster, "tests/e2e/run", "--fast")).ExitCode.Should().Be(2);

    [Theory]
    [InlineData("tests/e2e/run")]
    [InlineData("deploy/images/assemble")]
    [InlineData("deploy/images/bases")]
    [InlineData("deploy/images/build")]
    [InlineData("deploy/images/check")]
    [InlineData("deploy/images/lay-out")]
    [InlineData("deploy/cli/archive")]
    public async Task A_script_is_one_that_bash_can_read(string path) => (await ScriptRun.OfAsync(new Dictionary<string, string?>(), "-n", path)).Should().Be(new ScriptRun(0, ""));
}
