using System.Net;
using System.Text.RegularExpressions;
using Damon.Api.Clusters;
using Damon.Operator.Hosting;

namespace Damon.Operator.Tests.Hosting;

public partial class OperatorOptionsTests
{
    [Fact]
    public void A_namespace_is_enough_and_the_environment_has_it() =>
        Parse([], ("POD_NAMESPACE", "damon-system"), ("POD_NAME", "operator-1")).Should().Be(new OperatorOptions { Namespace = "damon-system", Identity = "operator-1" });

    [Fact]
    public void Every_flag_is_read_in_both_forms_and_wins_over_the_environment() =>
        Parse(
            ["--namespace=other", "--identity", "me", "--agent-selector=app=agent,tier!=old", "--cluster-config", "/etc/config.yaml", "--cluster-mode=Enforce", "--lease-name", "lease", "--lease-duration=30s",
             "--node-workers", "4", "--writes-per-second=50", "--listen", "0.0.0.0:9000", "--metrics-token-file=/etc/token", "--kubeconfig", "/etc/kubeconfig"],
            ("POD_NAMESPACE", "damon-system"))
            .Should().Be(new OperatorOptions
            {
                Namespace = "other",
                Identity = "me",
                AgentSelector = "app=agent,tier!=old",
                ClusterConfigFile = "/etc/config.yaml",
                ClusterMode = ClusterMode.Enforce,
                LeaseName = "lease",
                LeaseDuration = TimeSpan.FromSeconds(30),
                NodeWorkers = 4,
                WritesPerSecond = 50,
                Listen = new IPEndPoint(IPAddress.Any, 9000),
                MetricsTokenFile = "/etc/token",
                Kubeconfig = "/etc/kubeconfig",
            });

    [Theory]
    [InlineData("*namespace is not known*POD_NAMESPACE*")]
    [InlineData("*cannot be a namespace*", "--namespace", "Damon")]
    [InlineData("*cannot be a namespace*", "--namespace", "a.b")]
    [InlineData("*no flag \"--namespaces\"*", "--namespaces", "a")]
    [InlineData("*\"start\" is no flag*", "start")]
    [InlineData("*--cluster-mode: \"off\" is none of Off, Observe, Enforce*", "--cluster-mode", "off")]
    [InlineData("*--cluster-mode: \"1\" is none*", "--cluster-mode", "1")]
    [InlineData("*--lease-name*", "--lease-name", "a/b")]
    [InlineData("*--lease-duration*unit*", "--lease-duration", "15")]
    [InlineData("*--lease-duration must be whole seconds, from 3s to 10m*", "--lease-duration", "2s")]
    [InlineData("*--lease-duration must be whole seconds*", "--lease-duration", "3.5s")]
    [InlineData("*--lease-duration must be*", "--lease-duration", "11m")]
    [InlineData("*--node-workers: \"0\" is no number from 1 to 64*", "--node-workers", "0")]
    [InlineData("*--node-workers*", "--node-workers", "65")]
    [InlineData("*--writes-per-second: \"-1\" is no number*", "--writes-per-second", "-1")]
    [InlineData("*no address with a port*", "--listen", "localhost:1")]
    [InlineData("*can be reached from elsewhere*--metrics-token-file*", "--namespace", "a", "--listen", "0.0.0.0:9000")]
    public void What_is_wrong_is_said_with_what_is_accepted(string error, params string[] args)
    {
        OperatorOptions.TryParse(args, _ => null, out var options).Should().Match(error);
        options.Should().BeNull();
    }

    /// <summary>Both ways: what the help lists is read, and what is read the help lists.</summary>
    [Fact]
    public void The_help_lists_every_flag_and_no_other()
    {
        foreach (var flag in FlagLine().Matches(OperatorOptions.Usage).Select(match => match.Groups["flag"].Value))
        {
            OperatorOptions.TryParse([flag, "\u0001"], _ => "a", out _).Should().NotContain("there is no flag", flag);
        }

        FlagLine().Matches(OperatorOptions.Usage).Should().HaveCount(12);
    }

    [Fact]
    public void The_lease_s_proportions_are_those_of_others_who_may_stand_for_it()
    {
        var election = OperatorProgram.ElectionOf(new OperatorOptions { Namespace = "ns", Identity = "pod-1" }, seed: 255);
        (election.Namespace, election.Name, election.Identity).Should().Be(("ns", "damon-operator", "pod-1_00000000000000ff"));
        (election.LeaseDuration, election.RenewDeadline, election.RetryPeriod).Should().Be((TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(2)));
    }

    private static OperatorOptions Parse(string[] args, params (string Name, string Value)[] environment)
    {
        OperatorOptions.TryParse(args, name => environment.FirstOrDefault(pair => pair.Name == name).Value, out var options).Should().BeEmpty();
        return options!;
    }

    [GeneratedRegex("^  (?<flag>--[a-z-]+) [A-Z]", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex FlagLine();
}
