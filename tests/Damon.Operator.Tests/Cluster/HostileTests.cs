using System.Text;
using Damon.Kubernetes.Objects;
using Damon.Kubernetes.Requests;
using Damon.Operator.Cluster;
using Damon.Testing.ApiServer;

namespace Damon.Operator.Tests.Cluster;

/// <summary>Objects that the server admits and nobody should have made: clear words, bounded work, and no scheme pays for another.</summary>
public class HostileTests
{
    [Fact]
    public void A_thousand_schemes_leave_sixteen_on_each_node_and_say_why() => OperatorBench.Run(async bench =>
    {
        bench.WithNodes(5).StartAgents();
        bench.PutConfig("Enforce");
        for (var number = 0; number < 1000; number++)
            bench.PutScheme($"s{number:0000}");
        bench.Start();
        await bench.UntilAsync(() => bench.Ready("s0000") == "True" && bench.Count("s0999", "unsupported") == 5, TimeSpan.FromMinutes(10), "the first and the last");
        bench.DamonNode("n0000")!["spec"]!["schemes"]!.AsArray().Count.Should().Be(16);
        bench.Scheme("s0999")!["status"]!.ToJsonString().Should().Contain("NodeSchemeLimit");
        await bench.Loop.Pass(TimeSpan.FromMinutes(10));
        var from = bench.Loop.Elapsed;
        await bench.Loop.Pass(TimeSpan.FromMinutes(30));

        // Of events, one a second, there are more than ten minutes hold.
        bench.Writes.Where(request => request.At >= from && request.Plural != "events").Should().BeEmpty();
    });

    [Fact]
    public void A_scheme_of_a_megabyte_is_told_and_no_other_waits_for_it() => OperatorBench.Run(async bench =>
    {
        bench.WithNodes(5).StartAgents();
        bench.PutScheme("cold");
        bench.PutScheme("annotated", metadata: $"\"annotations\":{{\"note\":\"{new string('x', 1_000_000)}\"}}");
        bench.PutScheme("large", Specs.Observe[..^1] + $",\"nodeSelector\":{{\"matchLabels\":{{{string.Join(',', Enumerable.Range(0, 20_000).Select(number => $"\"l{number}\":\"{new string('v', 30)}\""))}}}}}}}");
        var a = bench.Start();
        await bench.UntilAsync(() => bench.Ready("cold") == "True", TimeSpan.FromMinutes(1), "the small scheme");
        await bench.UntilAsync(() => bench.Condition("large", "Accepted") is not null && bench.Condition("annotated", "Accepted") is not null, TimeSpan.FromMinutes(1), "a word about the large ones");
        bench.Condition("large", "Accepted")!["status"]!.GetValue<string>().Should().Be("False");
        bench.Hashes("large").Should().BeEmpty();
        a.View.Figures().Controllers.Sum(controller => controller.Thrown).Should().Be(0);
    });

    [Fact]
    public void Names_at_the_limit_of_schemes_and_nodes_are_names() => OperatorBench.Run(async bench =>
    {
        var longest = string.Join('.', new[] { 63, 63, 63, 61 }.Select(length => new string('n', length)));
        bench.AddNode(longest);
        bench.StartAgents();
        bench.PutScheme(longest);
        bench.Start();
        await bench.UntilAsync(() => bench.Ready(longest) == "True", TimeSpan.FromMinutes(1), "the scheme");
        await bench.Loop.Pass(TimeSpan.FromMinutes(1));
        bench.Server.Objects(FakeKind.Events).Should().AllSatisfy(one => one["metadata"]!["name"]!.GetValue<string>().Length.Should().BeLessThanOrEqualTo(253));
    });

    [Theory]
    [InlineData("""{"matchLabels":{"no":"such"}}""", 0)]
    [InlineData("""{"matchExpressions":[{"key":"kubernetes.io/hostname","operator":"Exists"}]}""", 10)]
    [InlineData("""{"matchExpressions":[{"key":"kubernetes.io/hostname","operator":"Exists"},{"key":"kubernetes.io/hostname","operator":"DoesNotExist"}]}""", 0)]
    [InlineData("""{}""", 10)]
    public void Selectors_that_match_all_or_nothing_are_ready_with_so_many(string selector, int nodes) => OperatorBench.Run(async bench =>
    {
        bench.WithNodes(10).StartAgents();
        bench.PutScheme("s", Specs.Observe[..^1] + $",\"nodeSelector\":{selector}}}");
        bench.Start();
        await bench.UntilAsync(() => bench.Ready("s") == "True", TimeSpan.FromMinutes(1), "the scheme");
        bench.Count("s", "matched").Should().Be(nodes);
        bench.Condition("s", "Ready")!["reason"]!.GetValue<string>().Should().Be(nodes == 0 ? "NoNodes" : "AllUpdated");
        if (nodes == 0)
            bench.Hashes("s").Should().BeEmpty();
    });

    [Theory]
    [InlineData("""{"target":{"podSelector":{}},"action":{"type":"Explode"}}""")]
    [InlineData("""{"target":5,"action":[]}""")]
    [InlineData("""{}""")]
    [InlineData("""{"target":{"podSelector":{}},"action":{"type":"Stat"},"pattern":{"age":{"min":"2 minutes"}}}""")]
    public void A_spec_that_cannot_be_read_is_not_accepted_and_no_other_scheme_waits_for_it(string spec) => OperatorBench.Run(async bench =>
    {
        bench.WithNodes(3).StartAgents();
        bench.PutScheme("bad", spec);
        bench.PutScheme("good");
        bench.Start();
        await bench.UntilAsync(() => bench.Ready("good") == "True" && bench.Condition("bad", "Accepted") is not null, TimeSpan.FromMinutes(1), "both");
        bench.Condition("bad", "Accepted")!["status"]!.GetValue<string>().Should().Be("False");
        bench.Hashes("bad").Should().BeEmpty();
        var from = bench.Loop.Elapsed;
        await bench.Loop.Pass(TimeSpan.FromMinutes(10));
        bench.Writes.Count(request => request.At >= from).Should().BeLessThan(5);
    });

    /// <summary>What an agent of another version, or a thief of its token, may write into the half that is the agent's.</summary>
    [Theory]
    [InlineData("""{"schemes":"many"}""")]
    [InlineData("""{"observedGeneration":-5,"schemes":[{"name":"cold","state":"Exploding","since":"yesterday"}]}""")]
    [InlineData("""{"observedGeneration":999999999,"schemes":[{"name":"nobody","appliedHash":"x","state":"Active","since":"2030-01-01T00:00:00Z"}]}""")]
    [InlineData("""{"conditions":[5,null,{}],"capabilities":{}}""")]
    public void A_status_that_says_nonsense_costs_its_node_and_no_other(string status) => OperatorBench.Run(async bench =>
    {
        bench.WithNodes(10).StartAgents();
        bench.Agents.Silent.Add("n0004");
        bench.PutScheme("cold");
        var a = bench.Start();
        await bench.UntilAsync(() => bench.Count("cold", "updated") == 9, TimeSpan.FromMinutes(1), "the others");
        (await bench.Agents.Client.PatchAsync(
            OperatorKinds.Nodes, new ObjectKey("n0004"), PatchKind.Merge, Encoding.UTF8.GetBytes($$"""{"status":{{status}}}"""), "somebody", force: false, CancellationToken.None, "status")).Succeeded.Should().BeTrue();
        await bench.Loop.Pass(TimeSpan.FromMinutes(7));
        bench.Count("cold", "updated").Should().Be(9);
        bench.Count("cold", "matched").Should().Be(10);
        a.View.Figures().Controllers.Sum(controller => controller.Thrown).Should().Be(0);
    });

    [Fact]
    public void Labels_of_nodes_by_the_hundred_and_nodes_without_a_status_are_taken_as_they_are() => OperatorBench.Run(async bench =>
    {
        bench.StartAgents();
        bench.AddNode("labelled", string.Join(',', Enumerable.Range(0, 500).Select(number => $"\"k{number}\":\"v{number}\"")));
        bench.Server.Put(FakeKind.Nodes, """{"metadata":{"name":"bare"}}""");
        bench.PutScheme("cold");
        bench.Start();
        await bench.UntilAsync(() => bench.Count("cold", "updated") >= 1 && bench.Count("cold", "matched") == 2, TimeSpan.FromMinutes(1), "both");
        bench.DamonNode("bare").Should().NotBeNull();
    });
}
