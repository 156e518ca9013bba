using Damon.Api.Schemes;
using Damon.Operator.Nodes;

namespace Damon.Operator.Tests.Nodes;

public class NodeCapabilitiesTests
{
    // What is missing, and the scheme → why it cannot act; empty where nothing is in its way.
    [Theory]
    [InlineData("", BackendKind.Auto, TargetKind.Pods, ActionType.Pageout, "")]
    [InlineData("backend/Kernel=Busy", BackendKind.Auto, TargetKind.Pods, ActionType.Pageout, "")]
    [InlineData("backend/Kernel=Busy backend/IdlePage=NotInKernel", BackendKind.Auto, TargetKind.Pods, ActionType.Pageout, "Busy")]
    [InlineData("backend/Kernel=Busy backend/IdlePage=NotInKernel", BackendKind.Referenced, TargetKind.Pods, ActionType.Pageout, "")]
    [InlineData("backend/Kernel=Busy", BackendKind.Kernel, TargetKind.Pods, ActionType.Pageout, "Busy")]
    [InlineData("backend/Kernel=Busy", BackendKind.Auto, TargetKind.Node, ActionType.Pageout, "Busy")]
    [InlineData("action/Pageout=NeedsCapSysNice", BackendKind.Auto, TargetKind.Pods, ActionType.Pageout, "NeedsCapSysNice")]
    [InlineData("action/Pageout=NeedsCapSysNice", BackendKind.Auto, TargetKind.Pods, ActionType.Cold, "")]
    [InlineData("action/Pageout=NeedsCapSysNice", BackendKind.Auto, TargetKind.Node, ActionType.Pageout, "")] // The kernel does it there.
    [InlineData("action/HugePage=NotInUserSpace", BackendKind.Auto, TargetKind.Pods, ActionType.HugePage, "")] // The kernel may do it.
    [InlineData("action/HugePage=NotInUserSpace backend/Kernel=Busy", BackendKind.Auto, TargetKind.Pods, ActionType.HugePage, "Busy")]
    [InlineData("action/LruPrio=NotInUserSpace", BackendKind.Kernel, TargetKind.Node, ActionType.LruPrio, "")]
    [InlineData("action/Collapse=", BackendKind.Auto, TargetKind.Pods, ActionType.Collapse, "NotAvailable")]
    public void What_a_node_says_it_cannot_do_is_in_the_way_of_what_needs_it(string missing, BackendKind backend, TargetKind kind, ActionType action, string why)
    {
        var items = missing.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(one => one.Split('=')).Select(one => $$"""{"name":"{{one[0]}}","available":false,"reason":"{{one[1]}}"}""");
        var capabilities = NodeCapabilities.Read(System.Text.Encoding.UTF8.GetBytes($"[{string.Join(',', items)}]"));
        (capabilities.WhyNot(new() { Backend = backend, Target = new() { Kind = kind }, Action = new() { Type = action } }) ?? "").Should().Be(why);
    }
}
