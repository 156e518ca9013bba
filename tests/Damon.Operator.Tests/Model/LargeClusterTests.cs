using System.Text;
using Damon.Operator.Json;
using Damon.Operator.Model;
using Damon.Operator.Nodes;
using Damon.Operator.Plans;
using Damon.Operator.Tests.Simulation;

namespace Damon.Operator.Tests.Model;

[Collection(nameof(MemoryCollection))]
public class LargeClusterTests
{
    private const int Nodes = 5000, Schemes = 10;
    private static readonly DateTimeOffset Now = LargeCluster.Now;

    [Fact]
    public void Five_thousand_nodes_with_ten_schemes_each_take_little_memory()
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var model = LargeCluster.Fill(Nodes, Schemes);
        var taken = GC.GetTotalMemory(forceFullCollection: true) - before;
        TestContext.Current.TestOutputHelper?.WriteLine($"{taken / 1e6:0.0} MB");
        taken.Should().BeLessThan(40_000_000);
        model.Figures().Nodes.Should().Be(Nodes);
    }

    [Fact]
    public void A_thousand_schemes_that_select_everything_are_planned_sixteen_to_a_node()
    {
        var model = new ClusterModel(new());
        model.SetConfig(ClusterRules.Absent);
        var reader = new NodeFactsReader(new TextPool());
        for (var i = 0; i < 20; i++)
            model.SetNode(reader.Read(Encoding.UTF8.GetBytes($$$"""{"metadata":{"name":"n{{{i}}}","uid":"u{{{i}}}"}}""")), Now);
        for (var i = 0; i < 1000; i++)
        {
            model.SetScheme(LargeCluster.Scheme(new string('s', 249) + $"{i:0000}", i));
            var decision = model.DecideScheme(new string('s', 249) + $"{i:0000}", Now);
            model.SchemeWritten(decision, "2");
        }

        var apply = model.DecideNode("n3", Now);
        apply.Apply.Length.Should().BeLessThanOrEqualTo(32 * 1024);
        var plan = new DamonNodeRecordReader(new TextPool()).Read(apply.Apply.Span);
        plan.Entries.Should().HaveCount(16);
        apply.Schemes.Should().HaveCount(984, "the others are told that they do not fit");
    }
}
