using CsCheck;
using Damon.Api.Clusters;
using Damon.Api.Nodes;
using Damon.Api.Schemes;
using Damon.NodeAgent.Plans;
using Damon.NodeAgent.Selection;

namespace Damon.NodeAgent.Tests.Selection;

public class ContainerSelectionTests
{
    private static readonly SelectionSubject Web = Subject("p1", "web", ("app", "web"), ("tier", "front"));

    // A target; whether it names the container web of a Burstable pod {app: web, tier: front} in a namespace {team: batch}.
    [Theory]
    [InlineData("{podSelector: {}}", true)]
    [InlineData("{namespaceSelector: {}}", true)]
    [InlineData("{podSelector: {matchLabels: {app: web}}}", true)]
    [InlineData("{podSelector: {matchLabels: {app: web, tier: back}}}", false)]
    [InlineData("{podSelector: {matchLabels: {team: batch}}}", false)]
    [InlineData("{namespaceSelector: {matchLabels: {team: batch}}}", true)]
    [InlineData("{namespaceSelector: {matchLabels: {team: batch}}, podSelector: {matchLabels: {app: db}}}", false)]
    [InlineData("{namespaceSelector: {matchLabels: {team: web}}, podSelector: {}}", false)]
    [InlineData("{podSelector: {matchExpressions: [{key: app, operator: In, values: [db, web]}]}}", true)]
    [InlineData("{podSelector: {matchExpressions: [{key: app, operator: In, values: [db]}]}}", false)]
    [InlineData("{podSelector: {matchExpressions: [{key: zone, operator: In, values: [a]}]}}", false)]
    [InlineData("{podSelector: {matchExpressions: [{key: app, operator: NotIn, values: [web]}]}}", false)]
    [InlineData("{podSelector: {matchExpressions: [{key: zone, operator: NotIn, values: [a]}]}}", true)]
    [InlineData("{podSelector: {matchExpressions: [{key: app, operator: Exists}]}}", true)]
    [InlineData("{podSelector: {matchExpressions: [{key: zone, operator: Exists}]}}", false)]
    [InlineData("{podSelector: {matchExpressions: [{key: zone, operator: DoesNotExist}, {key: app, operator: Exists}]}}", true)]
    [InlineData("{podSelector: {matchExpressions: [{key: zone, operator: DoesNotExist}, {key: app, operator: DoesNotExist}]}}", false)]
    [InlineData("{podSelector: {}, qosClasses: [BestEffort]}", false)]
    [InlineData("{podSelector: {}, qosClasses: [BestEffort, Burstable]}", true)]
    [InlineData("{podSelector: {}, containers: [web]}", true)]
    [InlineData("{podSelector: {}, containers: [side, log]}", false)]
    [InlineData("{podSelector: {}, containers: []}", true)]
    public void A_target_names_the_containers_that_meet_all_of_it(string target, bool isNamed)
    {
        var result = ContainerSelection.Decide([Candidate("a", 1, "Stat", target)], [Web]).Should().ContainSingle().Subject;
        result.Targets.Should().HaveCount(isNamed ? 1 : 0);
    }

    [Fact]
    public void A_scheme_of_the_node_selects_every_container_of_its_classes_and_takes_part_in_conflicts()
    {
        var selected = ContainerSelection.Decide([Candidate("pods", 1, "Pageout"), Candidate("node", 2, "Pageout", "{kind: Node}"), Candidate("sorts", 3, "LruPrio", "{kind: Node}")], [Web]);

        selected.Select(one => (one.Targets.Count, one.Lost.Count)).Should().Equal((1, 0), (0, 1), (1, 0));
        selected[1].Lost[0].Winner.Should().Be("pods");
        ContainerSelection.Decide([Candidate("node", 1, "Pageout", "{kind: Node, qosClasses: [BestEffort]}")], [Web with { QosClass = QosClass.Burstable }])[0].Targets.Should().BeEmpty();
    }

    // Two actions on one container: whether the second scheme loses it.
    [Theory]
    [InlineData("Pageout", "Pageout", true)]
    [InlineData("Pageout", "Cold", true)]
    [InlineData("Pageout", "MigrateCold", true)]
    [InlineData("Reclaim", "Pageout", true)]
    [InlineData("WillNeed", "MigrateHot", true)]
    [InlineData("Collapse", "HugePage", true)]
    [InlineData("NoHugePage", "NoHugePage", true)]
    [InlineData("Pageout", "WillNeed", false)]
    [InlineData("Pageout", "Collapse", false)]
    [InlineData("HugePage", "NoHugePage", false)]
    [InlineData("MigrateHot", "MigrateCold", false)]
    [InlineData("Stat", "Stat", false)]
    [InlineData("Stat", "Pageout", false)]
    [InlineData("Pageout", "Stat", false)]
    public void Schemes_of_one_class_conflict_and_others_do_not(string first, string second, bool loses)
    {
        var results = ContainerSelection.Decide([Candidate("a", 1, first), Candidate("b", 2, second)], [Web]);
        results[0].Targets.Should().Equal(Web.Key);
        results[1].Targets.Count.Should().Be(loses ? 0 : 1);
        results[1].Lost.Should().Equal(loses ? [new LostContainer(Web.Key, "a")] : []);
    }

    [Fact]
    public void Every_action_has_a_class() => Enum.GetValues<ActionType>().Where(action => ConflictClasses.Of(action) == ConflictClass.None).Should().Equal(ActionType.Stat);

    [Fact]
    public void The_loser_leaves_only_what_the_winner_has()
    {
        var other = Subject("p2", "web", ("app", "db"));
        var results = ContainerSelection.Decide([Candidate("a", 1, "Pageout", "{podSelector: {matchLabels: {app: web}}}"), Candidate("b", 2, "Cold")], [Web, other]);
        results[1].Targets.Should().Equal(other.Key);
        results[1].Conflicts.Should().Be(new SchemeConflicts { Containers = 1, Winner = "a" });
        results[0].Conflicts.Should().BeNull();
    }

    // Modes of the better and the worse rank; whether the worse one loses.
    [Theory]
    [InlineData(ClusterMode.Enforce, ClusterMode.Enforce, true)]
    [InlineData(ClusterMode.Observe, ClusterMode.Observe, true)]
    [InlineData(ClusterMode.Enforce, ClusterMode.Observe, true)]
    [InlineData(ClusterMode.Observe, ClusterMode.Enforce, false)]
    public void A_scheme_that_only_observes_takes_nothing_from_one_that_enforces(ClusterMode better, ClusterMode worse, bool loses) =>
        ContainerSelection.Decide([Candidate("a", 1, "Pageout", mode: better), Candidate("b", 2, "Pageout", mode: worse)], [Web])[1].Lost.Count.Should().Be(loses ? 1 : 0);

    [Fact]
    public void A_denial_wins_over_every_scheme_and_is_no_conflict()
    {
        var denied = Web with { Denial = "OptOut" };
        var results = ContainerSelection.Decide([Candidate("a", 1, "Pageout"), Candidate("b", 2, "Pageout")], [denied]);
        results.Should().OnlyContain(result => result.Targets.Count == 0 && result.Lost.Count == 0 && result.Denied.Single().Reason == "OptOut");
    }

    [Fact]
    public void The_winner_that_is_named_has_most_of_the_containers()
    {
        SelectionSubject[] subjects = [Subject("p1", "c", ("app", "x")), Subject("p2", "c", ("app", "y")), Subject("p3", "c", ("app", "y"))];
        var results = ContainerSelection.Decide(
            [Candidate("a", 1, "Cold", "{podSelector: {matchLabels: {app: x}}}"), Candidate("b", 2, "Cold", "{podSelector: {matchLabels: {app: y}}}"), Candidate("c", 3, "Cold")], subjects);
        results[2].Conflicts.Should().Be(new SchemeConflicts { Containers = 3, Winner = "b" });
    }

    [Fact]
    public void The_order_of_what_is_given_does_not_matter_and_no_container_has_two_schemes_of_a_class()
    {
        string[] actions = ["Pageout", "Cold", "WillNeed", "Collapse", "Stat"];
        string[] targets = ["{podSelector: {}}", "{podSelector: {matchLabels: {app: a}}}", "{podSelector: {matchExpressions: [{key: app, operator: NotIn, values: [a]}]}}", "{podSelector: {}, containers: [c0]}"];
        var candidates = Gen.Select(Gen.Int[1, 4], Gen.Int[0, 4], Gen.Int[0, 3], Gen.Bool).Array[1, 8];
        var subjects = Gen.Select(Gen.Int[0, 3], Gen.Int[0, 2], Gen.Bool, Gen.Int[0, 9]).Array[0, 12];
        Gen.Select(candidates, subjects, Gen.ULong).Sample((schemes, containers, seed) =>
        {
            var given = schemes.Select((s, i) => Candidate($"s{i}", s.Item1, actions[s.Item2], targets[s.Item3], s.Item4 ? ClusterMode.Enforce : ClusterMode.Observe)).ToList();
            var pods = containers.DistinctBy(c => (c.Item1, c.Item2)).Select(c => Subject($"p{c.Item1}", $"c{c.Item2}", ("app", c.Item3 ? "a" : "b")) with { Denial = c.Item4 == 0 ? "OptOut" : "" }).ToList();
            var result = ContainerSelection.Decide(given, pods);
            var shuffled = ContainerSelection.Decide(Shuffle(given, seed), Shuffle(pods, seed + 1));
            var isSame = result.Select(Show).SequenceEqual(shuffled.Select(Show));
            var holders = result.SelectMany(r => r.Targets.Select(key => (key, Class: ConflictClasses.Of(r.Candidate.Planned.Scheme!.Spec.Action.Type), r.Candidate.Mode)));
            return isSame && holders.Where(h => h.Class != ConflictClass.None).GroupBy(h => h).All(group => group.Count() == 1);
        }, iter: 500);
    }

    private static string Show(SchemeSelection selection) =>
        $"{selection.Candidate.Planned.Name}: {string.Join(' ', selection.Targets)} | {string.Join(' ', selection.Lost)} | {string.Join(' ', selection.Denied)}";

    private static List<T> Shuffle<T>(IEnumerable<T> items, ulong seed)
    {
        var random = new Damon.Engine.Regions.RandomSource(seed);
        return [.. items.OrderBy(_ => random.NextBits())];
    }

    private static SelectionSubject Subject(string pod, string container, params (string Name, string Value)[] labels) => new()
    {
        Key = new(pod, container),
        NamespaceLabels = new Dictionary<string, string> { ["team"] = "batch" },
        PodLabels = labels.ToDictionary(label => label.Name, label => label.Value),
        QosClass = QosClass.Burstable,
    };

    private static SelectionCandidate Candidate(string name, int rank, string action, string target = "{podSelector: {}}", ClusterMode mode = ClusterMode.Enforce)
    {
        var destinations = action.StartsWith("Migrate", StringComparison.Ordinal) ? ", destinations: [{node: 1}]" : "";
        var read = DamonSchemeReader.Read("s.yaml", $"apiVersion: damon.dev/v1alpha1\nkind: DamonScheme\nmetadata: {{name: {name}}}\nspec:\n  target: {target}\n  action: {{type: {action}{destinations}}}\n");
        read.Errors.Should().BeEmpty();
        return new(new PlannedScheme { Name = name, Uid = $"u-{name}", Generation = 1, Hash = "h", Rank = rank, CreatedAt = DateTimeOffset.UnixEpoch, Scheme = read.Schemes[0] }, mode);
    }
}
