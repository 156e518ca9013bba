using Damon.Operator.Installations;

namespace Damon.Operator.Tests.Installations;

public class VerbOptionsTests
{
    [Fact]
    public void An_uninstallation_needs_no_flag() => Uninstall([]).Should().Be(new VerbOptions { Timeout = TimeSpan.FromSeconds(60) });

    [Fact]
    public void A_check_takes_its_namespace_from_the_pod() => Check([], ("POD_NAMESPACE", "damon-system")).Should().Be(new VerbOptions { Namespace = "damon-system" });

    [Fact]
    public void Every_flag_is_read() =>
        Check(["--namespace=other", "--lease-name", "lease", "--timeout=2m", "--kubeconfig", "/k"], ("POD_NAMESPACE", "damon-system"))
            .Should().Be(new VerbOptions { Namespace = "other", LeaseName = "lease", Timeout = TimeSpan.FromMinutes(2), Kubeconfig = "/k" });

    [Theory]
    [InlineData("--timeout must be from 1s to 60s", "--timeout=61s")]
    [InlineData("--timeout must be from 1s to 60s", "--timeout=500ms")]
    [InlineData("--timeout", "--timeout=60")]
    [InlineData("no flag \"--namespace\"", "--namespace=a")]
    [InlineData("is no flag", "now")]
    public void What_an_uninstallation_does_not_take_is_named(string message, params string[] args)
    {
        VerbOptions.TryParseUninstall(args, out var options).Should().Contain(message);
        options.Should().BeNull();
    }

    [Theory]
    [InlineData("namespace is not known")]
    [InlineData("--timeout must be from 1s to 600s", "--namespace=a", "--timeout=11m")]
    [InlineData("no flag \"--listen\"", "--namespace=a", "--listen=off")]
    public void What_a_check_does_not_take_is_named(string message, params string[] args)
    {
        VerbOptions.TryParseCheck(args, _ => null, out var options).Should().Contain(message);
        options.Should().BeNull();
    }

    private static VerbOptions? Uninstall(string[] args)
    {
        VerbOptions.TryParseUninstall(args, out var options).Should().BeEmpty();
        return options;
    }

    private static VerbOptions? Check(string[] args, (string Name, string Value) variable)
    {
        VerbOptions.TryParseCheck(args, name => name == variable.Name ? variable.Value : null, out var options).Should().BeEmpty();
        return options;
    }
}
