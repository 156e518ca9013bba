using Damon.Operator.Tests.Cluster;
using Damon.Testing.ApiServer;

namespace Damon.Operator.Tests.Controllers;

/// <summary>The operator makes the configuration, and otherwise leaves it alone.</summary>
public class ConfigTests
{
    private const string ByUninstall = "\"damon.dev/off-by\":\"uninstall\"";

    [Theory]
    [InlineData("Off")]
    [InlineData("Observe")]
    [InlineData("Enforce")]
    public void One_that_is_there_is_never_changed(string mode) => OperatorBench.Run(async bench =>
    {
        bench.PutConfig(mode);
        var before = bench.Config()!.ToJsonString();
        bench.WithNodes(3).StartAgents();
        bench.Start();
        await bench.Loop.Pass(TimeSpan.FromHours(1));
        bench.Config()!.ToJsonString().Should().Be(before);
        bench.Writes.Where(request => request.Plural == "damonclusterconfigs").Should().BeEmpty();
    });

    [Fact]
    public void One_that_cannot_be_read_is_there_all_the_same() => OperatorBench.Run(async bench =>
    {
        bench.Server.Put(FakeKind.DamonClusterConfigs, """{"metadata":{"name":"cluster"},"spec":{"mode":"Sometimes","ceilings":5}}""");
        bench.WithNodes(3).StartAgents();
        bench.Start();
        await bench.Loop.Pass(TimeSpan.FromMinutes(10));
        bench.Writes.Where(request => request.Plural == "damonclusterconfigs").Should().BeEmpty();
        bench.DamonNode("n0000")!["spec"]!["mode"]!.GetValue<string>().Should().Be("Observe");
    });

    [Fact]
    public void The_off_of_a_former_installation_is_lifted_after_two_minutes() => OperatorBench.Run(async bench =>
    {
        bench.PutConfig("Off", ByUninstall);
        bench.WithNodes(3).StartAgents();
        bench.Start();
        await bench.Loop.Pass(TimeSpan.FromSeconds(115));
        bench.Config()!["spec"]!["mode"]!.GetValue<string>().Should().Be("Off");
        await bench.UntilAsync(() => bench.Config()!["spec"]!["mode"]!.GetValue<string>() == "Enforce", TimeSpan.FromSeconds(15), "the mode of the flags");
        (bench.Config()!["metadata"]!["annotations"]?["damon.dev/off-by"]).Should().BeNull();
        await bench.UntilAsync(() => bench.EventReasons().Contains("UninstallOffLifted"), TimeSpan.FromSeconds(10), "the event");
        await bench.UntilAsync(() => bench.DamonNode("n0000")!["spec"]!["mode"]!.GetValue<string>() == "Enforce", TimeSpan.FromSeconds(10), "the plans");
    });

    [Theory]
    [InlineData("")]
    [InlineData("\"damon.dev/off-by\":\"ops\"")]
    [InlineData("\"damon.dev/off-by\":\"Uninstall\"")]
    public void The_off_of_an_admin_is_nobody_s_to_lift(string annotation) => OperatorBench.Run(async bench =>
    {
        bench.PutConfig("Off", annotation);
        bench.WithNodes(3).StartAgents();
        bench.Start();
        await bench.Loop.Pass(TimeSpan.FromHours(1));
        bench.Config()!["spec"]!["mode"]!.GetValue<string>().Should().Be("Off");
    });

    [Fact]
    public void The_off_of_an_uninstallation_that_is_under_way_is_not_lifted() => OperatorBench.Run(async bench =>
    {
        bench.PutConfig("Enforce");
        bench.WithNodes(3).StartAgents();
        bench.Start();
        await bench.Loop.Pass(TimeSpan.FromMinutes(5));
        var config = bench.Config()!;
        config["spec"]!["mode"] = "Off";
        config["metadata"]!["annotations"] = new System.Text.Json.Nodes.JsonObject { ["damon.dev/off-by"] = "uninstall" };
        bench.Server.Put(FakeKind.DamonClusterConfigs, config);
        await bench.Loop.Pass(TimeSpan.FromHours(1));
        bench.Config()!["spec"]!["mode"]!.GetValue<string>().Should().Be("Off");
    });

    [Fact]
    public void An_operator_that_takes_over_within_an_uninstallation_is_gone_before_it_would_lift_anything() => OperatorBench.Run(async bench =>
    {
        bench.PutConfig("Enforce");
        bench.WithNodes(3).StartAgents();
        var a = bench.Start();
        bench.Start("b");
        await bench.Loop.Pass(TimeSpan.FromMinutes(5));
        var config = bench.Config()!;
        config["spec"]!["mode"] = "Off";
        config["metadata"]!["annotations"] = new System.Text.Json.Nodes.JsonObject { ["damon.dev/off-by"] = "uninstall" };
        bench.Server.Put(FakeKind.DamonClusterConfigs, config);
        await bench.Loop.Pass(TimeSpan.FromSeconds(5));
        a.Kill();
        await bench.Loop.Pass(TimeSpan.FromSeconds(110));
        bench.Config()!["spec"]!["mode"]!.GetValue<string>().Should().Be("Off");
    });

    [Fact]
    public void One_that_an_admin_changes_while_it_would_be_lifted_is_left_alone() => OperatorBench.Run(async bench =>
    {
        bench.PutConfig("Off", ByUninstall);
        bench.WithNodes(3).StartAgents();
        bench.Start();
        await bench.Loop.Pass(TimeSpan.FromSeconds(100));
        var config = bench.Config()!;
        ((System.Text.Json.Nodes.JsonObject)config["metadata"]!["annotations"]!).Remove("damon.dev/off-by");
        bench.Server.Put(FakeKind.DamonClusterConfigs, config);
        await bench.Loop.Pass(TimeSpan.FromMinutes(10));
        bench.Config()!["spec"]!["mode"]!.GetValue<string>().Should().Be("Off");
    });

    [Fact]
    public void One_that_is_replaced_by_deleting_and_making_it_anew_does_not_meet_one_of_the_operator_s() => OperatorBench.Run(async bench =>
    {
        await ConvergenceTests.SettledAsync(bench, nodes: 3);
        await bench.Loop.Pass(TimeSpan.FromMinutes(5));
        bench.Server.Delete(FakeKind.DamonClusterConfigs, "", "cluster");
        await bench.Loop.Pass(TimeSpan.FromSeconds(8));
        bench.Config().Should().BeNull();
        bench.PutConfig("Observe");
        await bench.Loop.Pass(TimeSpan.FromMinutes(5));
        bench.Config()!["spec"]!["mode"]!.GetValue<string>().Should().Be("Observe");
        bench.Server.Delete(FakeKind.DamonClusterConfigs, "", "cluster");
        await bench.UntilAsync(() => bench.Config() is not null, TimeSpan.FromSeconds(12), "a new one");
    });

    [Fact]
    public void Where_the_kind_is_not_there_it_is_asked_for_again_but_not_often() => OperatorBench.Run(async bench =>
    {
        bench.WithNodes(3);
        bench.Server.RemoveKind(FakeKind.DamonClusterConfigs);
        bench.Start();
        await bench.Loop.Pass(TimeSpan.FromMinutes(10));
        bench.Writes.Count(request => request.Plural == "damonclusterconfigs").Should().BeInRange(5, 25);
        bench.Server.AddKind(FakeKind.DamonClusterConfigs);
        await bench.UntilAsync(() => bench.Config() is not null, TimeSpan.FromMinutes(2), "the configuration");
    });
}
