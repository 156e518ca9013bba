using System.Net;
using Damon.NodeAgent.Hosting;

namespace Damon.NodeAgent.Tests.Hosting;

public class AgentOptionsTests
{
    [Fact]
    public void A_node_s_name_is_enough_and_the_environment_has_it() =>
        Parse(["--listen", "off"], ("NODE_NAME", "n1"), ("POD_UID", "u"))
            .Should().Be(new AgentOptions { NodeName = "n1", PodUid = "u", Listen = null });

    [Fact]
    public void Every_flag_is_read_in_both_forms_and_wins_over_the_environment() =>
        Parse(
            ["--node-name=n2", "--pod-uid", "p", "--host-root=/host", "--cgroup-root", "/kubepods", "--state-dir=/var/lib/x/", "--cpu-ceiling", "5%", "--listen=0.0.0.0:9000",
             "--metrics-token-file", "/etc/token", "--kubeconfig=/etc/kubeconfig", "--kernel-damon=off"],
            ("NODE_NAME", "n1"))
            .Should().Be(new AgentOptions
            {
                NodeName = "n2",
                PodUid = "p",
                HostRoot = "/host",
                CgroupRoot = "/kubepods",
                StateFolder = "/var/lib/x",
                CpuCeiling = Damon.Api.Units.Percent.Parse("5%"),
                Listen = new IPEndPoint(IPAddress.Any, 9000),
                MetricsTokenFile = "/etc/token",
                Kubeconfig = "/etc/kubeconfig",
                UsesKernelDamon = false,
            });

    [Theory]
    [InlineData("*node's name is not known*")]
    [InlineData("*cannot be a node's name*", "--node-name", "N 1")]
    [InlineData("*\"node\" is no flag*", "node")]
    [InlineData("*no flag \"--nodename\"*", "--nodename", "n1")]
    [InlineData("*--node-name needs a value*", "--node-name")]
    [InlineData("*--node-name needs a value*", "--node-name=")]
    [InlineData("*given twice*", "--node-name", "a", "--node-name", "b")]
    [InlineData("*--host-root: \"host\" is not an absolute path*", "--host-root", "host")]
    [InlineData("*--cgroup-root: \"/a/../b\" is not*", "--cgroup-root", "/a/../b")]
    [InlineData("*a folder of its own*", "--state-dir", "/")]
    [InlineData("*--cpu-ceiling*", "--cpu-ceiling", "5")]
    [InlineData("*above 0%*", "--cpu-ceiling", "0%")]
    [InlineData("*--kernel-damon: \"no\" is neither on nor off*", "--kernel-damon", "no")]
    [InlineData("*no address with a port*", "--listen", "localhost:1")]
    [InlineData("*no address with a port*", "--listen", "127.0.0.1")]
    [InlineData("*can be reached from elsewhere*", "--node-name", "n1", "--listen", "0.0.0.0:9000")]
    public void What_is_wrong_is_said(string error, params string[] args)
    {
        AgentOptions.TryParse(args, _ => null, out var options).Should().Match(error);
        options.Should().BeNull();
    }

    [Fact]
    public void Every_flag_is_in_the_help()
    {
        foreach (var flag in (string[])["--node-name", "--pod-uid", "--host-root", "--cgroup-root", "--state-dir", "--kernel-damon", "--cpu-ceiling", "--listen", "--metrics-token-file", "--kubeconfig"])
        {
            AgentOptions.Usage.Should().Contain($"  {flag} ");
        }
    }

    private static AgentOptions Parse(string[] args, params (string Name, string Value)[] environment)
    {
        AgentOptions.TryParse(args, name => environment.FirstOrDefault(pair => pair.Name == name).Value, out var options).Should().BeEmpty();
        return options!;
    }
}
