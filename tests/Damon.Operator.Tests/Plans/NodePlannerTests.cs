using System.Text;
using CsCheck;
using Damon.Api.Clusters;
using Damon.Operator.Json;
using Damon.Operator.Nodes;
using Damon.Operator.Plans;
using Damon.Operator.Rollouts;
using Damon.Operator.Schemes;
using Damon.Operator.Tests.Simulation;

namespace Damon.Operator.Tests.Plans;

public class NodePlannerTests
{
    private static readonly NodeFacts Node = new() { Name = "n1", Uid = "node-1", Labels = new([new("zone", "b")]), IsReady = true, ReadySince = null };
    private static readonly DateTimeOffset Now = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Schemes_stand_by_rank_and_rank_is_the_place_in_this_plan()
    {
        var plan = Make([Plannable("a"), Plannable("b", "\"nodeSelector\":{\"matchLabels\":{\"zone\":\"a\"}}"), Plannable("c")], out var cut);
        plan.Entries.Select(entry => (entry.Name, entry.Rank)).Should().Equal(("a", 1), ("c", 2));
        cut.Should().BeEmpty();
    }

    [Fact]
    public void More_than_sixteen_schemes_are_cut_the_lowest_ranks_first()
    {
        var plan = Make([.. Enumerable.Range(0, 20).Select(i => Plannable($"s{i:00}"))], out var cut);
        plan.Entries.Select(entry => entry.Name).Should().Equal(Enumerable.Range(0, 16).Select(i => $"s{i:00}"));
        cut.Should().Equal("uid-s16", "uid-s17", "uid-s18", "uid-s19");
    }

    [Fact]
    public void A_scheme_that_does_not_fit_any_more_leaves_room_for_smaller_ones()
    {
        var plan = Make([Plannable("a"), Plannable("large", Large(230)), Plannable("larger", Large(230)), Plannable("z")], out var cut);
        plan.Entries.Select(entry => entry.Name).Should().Equal("a", "large", "z");
        cut.Should().Equal("uid-larger");
    }

    [Fact]
    public void Whatever_the_schemes_the_object_stays_within_its_size() => Gen.Select(Gen.Int[0, 250].Array[0, 30], Gen.Int[1, 180]).Sample((sizes, nameLength) =>
    {
        var plan = Make([.. sizes.Select((size, i) => Plannable($"{new string('n', nameLength)}{i}", Large(size)))], out _);
        var node = Node with { Name = new string('n', 253) };
        var note = new PlanNote(Now, plan.Entries.ToDictionary(entry => entry.Name, _ => long.MaxValue));
        NodePlanWriter.WriteApply(node, plan, note).Length.Should().BeLessThanOrEqualTo(NodePlanWriter.MaxBytes);
    });

    [Fact]
    public void How_long_an_echo_waits_is_no_part_of_what_a_plan_is_compared_by()
    {
        var plan = Make([Plannable("a")], out _);
        var written = NodePlanWriter.WriteApply(Node, plan, PlanNote.None, echoAfterSeconds: 50);
        Encoding.UTF8.GetString(written).Should().Contain("\"echoAfterSeconds\":50");
        new DamonNodeRecordReader(new TextPool()).Read(written).PlanDigest.Should().Be(plan.Digest);
        Encoding.UTF8.GetString(NodePlanWriter.WriteApply(Node, plan, PlanNote.None)).Should().NotContain("echoAfter");
    }

    [Theory]
    [InlineData(ClusterMode.Enforce, "", ClusterMode.Enforce)]
    [InlineData(ClusterMode.Observe, "", ClusterMode.Observe)]
    [InlineData(ClusterMode.Off, "", ClusterMode.Off)]
    [InlineData(ClusterMode.Enforce, "true", ClusterMode.Off)]
    [InlineData(ClusterMode.Enforce, "false", ClusterMode.Enforce)]
    [InlineData(ClusterMode.Observe, "true", ClusterMode.Off)]
    public void The_mode_is_the_smaller_of_the_clusters_and_the_nodes(ClusterMode cluster, string label, ClusterMode mode) =>
        NodePlanner.Make(Node with { Labels = new([new(Damon.Api.Nodes.DamonNode.PausedLabel, label)]) }, null, [], cluster, out _).Mode.Should().Be(mode);

    [Fact]
    public void What_nothing_was_decided_about_stays_as_it_is_and_what_is_not_known_goes()
    {
        var entry = Make([Plannable("a", granted: true)], out _).Entries[0];
        var record = new DamonNodeRecord { Name = "n1", Uid = "u", Generation = 1, Entries = [entry, entry with { Name = "gone", Uid = "uid-gone", Rank = 2 }] };
        var plan = NodePlanner.Make(Node, record, [new("uid-a", null, new HashSet<string>()), new("uid-new", null, new HashSet<string>())], ClusterMode.Enforce, out _);
        plan.Entries.Should().Equal(entry);
    }

    [Fact]
    public void A_plan_that_comes_back_from_the_server_has_the_digest_it_had()
    {
        var plan = Make([Plannable("a", granted: true), Plannable("b"), Plannable("c", "\"mode\":\"Observe\"")], out _);
        Read(plan).PlanDigest.Should().Be(plan.Digest);
    }

    [Fact]
    public void Only_what_a_node_carries_out_is_in_the_digest()
    {
        var plan = Make([Plannable("a", granted: true), Plannable("b")], out _);
        var first = plan.Entries[0];
        Changed(first with { Generation = 77 }).Should().Be(plan.Digest);
        Changed(first with { Name = "x" }).Should().NotBe(plan.Digest);
        Changed(first with { Uid = "x" }).Should().NotBe(plan.Digest);
        Changed(first with { Hash = "x-e" }).Should().NotBe(plan.Digest);
        Changed(first with { Rank = 9 }).Should().NotBe(plan.Digest);
        Changed(first with { Text = first.Text.In(new(Acts: true, IsPaused: true)) }).Should().NotBe(plan.Digest);
        (plan with { Mode = ClusterMode.Off }).Digest.Should().NotBe(plan.Digest);
        (plan with { Entries = [first] }).Digest.Should().NotBe(plan.Digest);

        Digest Changed(PlannedEntry entry) => (plan with { Entries = [entry, plan.Entries[1]] }).Digest;
    }

    [Fact]
    public void A_text_that_somebody_changed_under_a_hash_of_ours_is_put_right()
    {
        var plan = Make([Plannable("a", granted: true)], out _);
        var tampered = plan.Entries[0] with { Text = VersionText.Read("""{"mode":"Enforce","action":{"type":"Pageout"},"quota":{"size":"900Gi"}}"""u8.ToArray()) };
        var record = Read(plan with { Entries = [tampered] });
        record.PlanDigest.Should().NotBe(plan.Digest);
        NodePlanner.Make(Node, record, [Plannable("a", granted: true)], ClusterMode.Enforce, out _).Digest.Should().Be(plan.Digest);
    }

    private static DamonNodeRecord Read(NodePlan plan) => new DamonNodeRecordReader(new TextPool()).Read(NodePlanWriter.WriteApply(Node, plan, PlanNote.None));

    private static NodePlan Make(IReadOnlyList<PlannableScheme> schemes, out IReadOnlyList<string> cut) => NodePlanner.Make(Node, null, schemes, ClusterMode.Enforce, out cut);

    private static PlannableScheme Plannable(string name, string setting = "\"priority\":1", bool granted = false)
    {
        var scheme = SchemeObjectReader.Read(Encoding.UTF8.GetBytes(
            $"{{\"metadata\":{{\"name\":\"{name}\",\"uid\":\"uid-{name}\",\"generation\":1,\"creationTimestamp\":\"2026-10-01T00:00:00Z\"}},\"spec\":{SimulatedRun.Spec(setting)}}}"));
        scheme.RefusalMessage.Should().BeEmpty();
        var directive = SchemeDirective.Of(scheme, scheme.Spec!.Mode == Damon.Api.Schemes.SchemeMode.Enforce, new() { Hash = scheme.Version + "-e", Phase = RolloutPhase.Canary, Since = Now });
        return new("uid-" + name, directive, new HashSet<string>(granted ? ["n1"] : []));
    }

    private static string Large(int values)
    {
        var expressions = Enumerable.Range(0, values).Chunk(16).Select((chunk, i) =>
            $$"""{"key":"key-{{i}}","operator":"In","values":[{{string.Join(',', chunk.Select(value => $"\"value-{value:000}-{new string('x', 50)}\""))}}]}""");
        return $"\"target\":{{\"all\":true,\"podSelector\":{{\"matchExpressions\":[{string.Join(',', expressions)}]}}}}";
    }
}
