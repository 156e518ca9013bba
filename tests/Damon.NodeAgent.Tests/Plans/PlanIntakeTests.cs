using System.Text;
using CsCheck;
using Damon.Api.Clusters;
using Damon.Api.Schemes;
using Damon.NodeAgent.Agent;
using Damon.NodeAgent.Plans;
using Damon.Testing;

namespace Damon.NodeAgent.Tests.Plans;

public class PlanIntakeTests
{
    private readonly VirtualTime _time = new();
    private readonly PlanIntake _intake;

    public PlanIntakeTests() => _intake = new(_time, "n1");

    [Fact]
    public void Before_anything_is_heard_there_is_no_plan_and_nothing_acts()
    {
        _intake.Plan.IsKnown.Should().BeFalse();
        (_intake.Rules.Mode, _intake.Rules.Reason).Should().Be((ClusterMode.Observe, "ClusterConfigUnknown"));
        _intake.IsStoreDue.Should().BeFalse();
    }

    [Fact]
    public void Schemes_are_taken_best_rank_first()
    {
        _intake.TakeNode(PlanDocuments.Node("Enforce", PlanDocuments.Scheme("low", rank: 9), PlanDocuments.Scheme("high", rank: 2))).Should().BeTrue();
        _intake.Plan.Schemes.Select(scheme => scheme.Name).Should().Equal("high", "low");
        (_intake.Plan.Generation, _intake.Plan.Mode).Should().Be((7L, ClusterMode.Enforce));
        _intake.Plan.Schemes[0].Should().Match<PlannedScheme>(scheme => scheme.Uid == "u-high" && scheme.Hash == "h-high" && scheme.Scheme!.Spec.Action.Type == ActionType.Pageout);
    }

    [Fact]
    public void The_wait_for_its_echo_comes_with_the_plan()
    {
        _intake.TakeNode(Encoding.UTF8.GetBytes("""{"apiVersion":"damon.dev/v1alpha1","kind":"DamonNode","metadata":{"name":"n1","generation":7},"spec":{"mode":"Observe","echoAfterSeconds":50,"schemes":[]}}"""));
        _intake.Plan.EchoAfter.Should().Be(TimeSpan.FromSeconds(50));
        SnapshotReport.Of(new AgentSnapshot { PlanGeneration = 7, EchoAfter = _intake.Plan.EchoAfter }).EchoAfter.Should().Be(TimeSpan.FromSeconds(50));
    }

    // Two of the same place: priority, then age, then uid.
    [Fact]
    public void Schemes_of_the_same_place_are_ranked_by_the_rules_of_rank()
    {
        const string Important = """{"priority":200,"action":{"type":"Stat"},"target":{"podSelector":{}}}""";
        _intake.TakeNode(PlanDocuments.Node(
            "Enforce", PlanDocuments.Scheme("d"), PlanDocuments.Scheme("b", createdAt: "1969-01-01T00:00:00Z"), PlanDocuments.Scheme("c"), PlanDocuments.Scheme("a", Important, createdAt: "1999-01-01T00:00:00Z")));
        _intake.Plan.Schemes.Select(scheme => scheme.Name).Should().Equal("a", "b", "c", "d");
    }

    // What stands in the second of three schemes, and what becomes of it. The others are carried out.
    [Theory]
    [InlineData("""{"action":{"type":"Stat"},"target":{"podSelector":{}},"future":{}}""", "AgentTooOld", "future")]
    [InlineData("""{"action":{"type":"Compress"},"target":{"podSelector":{}}}""", "AgentTooOld", "Compress")]
    [InlineData("""{"action":{"type":"Stat"},"target":{"podSelector":{}},"filters":[{"type":"Dirty","matching":true,"allow":true}]}""", "AgentTooOld", "Dirty")]
    [InlineData("""{"action":{"type":"Stat"},"target":{"podSelector":{}},"priority":-1,"future":{}}""", "AgentTooOld", "future")]
    [InlineData("""{"action":{"type":"Stat"},"target":{"podSelector":{}},"priority":-1}""", "InvalidScheme", "priority")]
    [InlineData("5", "InvalidScheme", "spec")]
    public void A_scheme_that_is_not_understood_is_left_alone_and_the_others_are_not(string spec, string reason, string named)
    {
        _intake.TakeNode(PlanDocuments.Node("Enforce", PlanDocuments.Scheme("a"), PlanDocuments.Scheme("b", spec, rank: 2), PlanDocuments.Scheme("c", rank: 3)));
        _intake.Plan.Schemes.Select(scheme => scheme.Scheme is not null).Should().Equal(true, false, true);
        _intake.Plan.Schemes[1].Reason.Should().Be(reason);
        _intake.Plan.Schemes[1].Message.Should().Contain(named);
        _intake.Plan.Schemes[1].Hash.Should().Be("h-b", "it is echoed");
        _intake.ModeOf(_intake.Plan.Schemes[1]).Should().Be(new ModeDecision(ClusterMode.Off, false, reason));
        _intake.PlanProblem.Should().BeNull();
    }

    [Fact]
    public void What_is_unknown_beside_the_schemes_leaves_all_of_them_alone()
    {
        var json = Encoding.UTF8.GetString(PlanDocuments.Node("Enforce", PlanDocuments.Scheme("a"), PlanDocuments.Scheme("b", rank: 2))).Replace("\"mode\"", "\"window\":1,\"mode\"", StringComparison.Ordinal);
        _intake.TakeNode(Encoding.UTF8.GetBytes(json));
        _intake.Plan.Schemes.Should().HaveCount(2).And.OnlyContain(scheme => scheme.Scheme == null && scheme.Reason == "AgentTooOld");
    }

    [Fact]
    public void A_malformed_plan_leaves_the_last_good_one_and_says_why()
    {
        _intake.TakeNode(PlanDocuments.Node("Enforce", PlanDocuments.Scheme("a")));
        var good = _intake.Plan;
        _intake.TakeNode("{\"kind\":"u8.ToArray()).Should().BeFalse();
        _intake.Plan.Should().BeSameAs(good);
        _intake.PlanProblem!.Reason.Should().Be("PlanUnreadable");
        _intake.TakeNode(PlanDocuments.Node("Enforce", PlanDocuments.Scheme("a")));
        _intake.PlanProblem.Should().BeNull("the good one is back");
    }

    [Fact]
    public void Another_nodes_plan_is_not_taken()
    {
        new PlanIntake(_time, "n2").Should().Match<PlanIntake>(other => !other.TakeNode(PlanDocuments.Node("Enforce", PlanDocuments.Scheme("a"))) && other.PlanProblem!.Reason == "NotThisNode");
    }

    [Fact]
    public void A_change_of_the_agents_own_status_is_no_other_plan()
    {
        string Document(int generation, string uid, string status) =>
            Encoding.UTF8.GetString(PlanDocuments.Node("Enforce", PlanDocuments.Scheme("a"))).Replace("\"generation\":7", $"\"generation\":{generation},\"uid\":\"{uid}\"", StringComparison.Ordinal)[..^1] + $",\"status\":{{\"kernel\":\"{status}\"}}}}";
        bool Take(int generation, string uid, string status) => _intake.TakeNode(Encoding.UTF8.GetBytes(Document(generation, uid, status)));

        Take(7, "u", "1").Should().BeTrue();
        _intake.Stored(_intake.ToStore(), isKept: true);
        Take(7, "u", "2").Should().BeFalse();
        _intake.IsStoreDue.Should().BeFalse();
        Take(8, "u", "2").Should().BeTrue();
        Take(8, "v", "2").Should().BeTrue("the object was made anew");
    }

    [Fact]
    public void The_object_that_is_gone_is_the_empty_plan()
    {
        _intake.TakeNode(PlanDocuments.Node("Enforce", PlanDocuments.Scheme("a")));
        _intake.TakeNodeAbsent().Should().BeTrue();
        (_intake.Plan.IsKnown, _intake.Plan.Schemes.Count).Should().Be((true, 0));
        _intake.TakeNodeAbsent().Should().BeFalse();
    }

    // The configuration; the mode and the reason in force.
    [Theory]
    [InlineData("""{"mode":"Enforce"}""", ClusterMode.Enforce, "")]
    [InlineData("""{"mode":"Observe"}""", ClusterMode.Observe, "ClusterObserve")]
    [InlineData("""{"mode":"Off"}""", ClusterMode.Off, "ClusterOff")]
    [InlineData("""{"mode":"Off","future":1}""", ClusterMode.Off, "ClusterOff")]
    [InlineData("""{"mode":"Enforce","future":1}""", ClusterMode.Observe, "AgentTooOld")]
    [InlineData("""{"mode":"Hibernate"}""", ClusterMode.Observe, "AgentTooOld")]
    [InlineData("""{"mode":"Enforce","optIn":3}""", ClusterMode.Observe, "ClusterConfigUnreadable")]
    [InlineData("""{"mode":"Off","optIn":3}""", ClusterMode.Off, "ClusterOff")]
    [InlineData("""[]""", ClusterMode.Observe, "ClusterConfigUnreadable")]
    public void A_configuration_that_is_not_understood_holds_back(string spec, ClusterMode mode, string reason)
    {
        _intake.TakeConfig(PlanDocuments.Config("""{"mode":"Enforce","protectedNamespaces":["db"]}"""));
        _intake.TakeConfig(PlanDocuments.Config(spec));
        (_intake.Rules.Mode, _intake.Rules.Reason).Should().Be((mode, reason));
        if (_intake.ConfigProblem is not null)
            _intake.Rules.Spec.ProtectedNamespaces.Should().Equal("db");
    }

    [Fact]
    public void An_absent_configuration_observes()
    {
        _intake.TakeConfig(PlanDocuments.Config("""{"mode":"Enforce"}"""));
        _intake.TakeConfigAbsent().Should().BeTrue();
        (_intake.Rules.Mode, _intake.Rules.Reason).Should().Be((ClusterMode.Observe, "ClusterConfigAbsent"));
    }

    [Fact]
    public void What_was_kept_is_in_force_until_the_server_answers()
    {
        _intake.TakeNode(PlanDocuments.Node("Enforce", PlanDocuments.Scheme("a")));
        _intake.TakeConfig(PlanDocuments.Config("""{"mode":"Enforce"}"""));
        var kept = _intake.ToStore();

        var next = new PlanIntake(_time, "n1");
        next.Restore(kept);
        (next.IsRestored, next.Plan.Schemes[0].Name, next.Rules.Mode).Should().Be((true, "a", ClusterMode.Enforce));
        next.ModeOf(next.Plan.Schemes[0]).Mode.Should().Be(ClusterMode.Enforce);
        next.TakeNodeAbsent();
        (next.IsRestored, next.Plan.Schemes.Count, next.Rules.Mode).Should().Be((false, 0, ClusterMode.Enforce));
    }

    [Fact]
    public void What_the_server_has_said_is_not_undone_by_the_disk()
    {
        _intake.TakeNode(PlanDocuments.Node("Enforce", PlanDocuments.Scheme("old")));
        var kept = _intake.ToStore();
        var next = new PlanIntake(_time, "n1");
        next.TakeNodeAbsent();
        next.Restore(kept);
        next.Plan.Schemes.Should().BeEmpty();
    }

    [Fact]
    public void An_unreadable_configuration_holds_back_after_a_restart_too()
    {
        _intake.TakeConfig(PlanDocuments.Config("""{"mode":"Enforce","future":1}"""));
        var next = new PlanIntake(_time, "n1");
        next.Restore(PlanStore.Parse(PlanStore.Format(_intake.ToStore())).Value);
        next.Rules.Reason.Should().Be("AgentTooOld");
    }

    [Fact]
    public void An_outage_goes_on_over_a_restart()
    {
        _intake.TakeNode(PlanDocuments.Node("Enforce", PlanDocuments.Scheme("a")));
        _intake.TakeConfig(PlanDocuments.Config("""{"mode":"Enforce"}"""));
        var kept = _intake.ToStore();
        _time.Advance(TimeSpan.FromMinutes(59));
        var next = new PlanIntake(_time, "n1");
        next.Restore(kept);
        next.ModeOf(next.Plan.Schemes[0]).Mode.Should().Be(ClusterMode.Enforce);
        _time.Advance(TimeSpan.FromMinutes(1));
        next.ModeOf(next.Plan.Schemes[0]).Should().Be(new ModeDecision(ClusterMode.Observe, false, "ApiServerLost"));
        next.Heard();
        next.ModeOf(next.Plan.Schemes[0]).Mode.Should().Be(ClusterMode.Enforce);
    }

    [Fact]
    public void What_changed_is_kept_at_once_and_the_contact_every_ten_minutes()
    {
        _intake.TakeNode(PlanDocuments.Node("Enforce"));
        _intake.IsStoreDue.Should().BeTrue();
        _intake.Stored(_intake.ToStore(), isKept: true);
        _intake.IsStoreDue.Should().BeFalse();
        _time.Advance(TimeSpan.FromMinutes(9.9));
        _intake.Heard();
        _intake.IsStoreDue.Should().BeFalse();
        _time.Advance(TimeSpan.FromMinutes(0.1));
        _intake.Heard();
        _intake.IsStoreDue.Should().BeTrue();
    }

    [Fact]
    public void A_store_that_failed_is_tried_again_in_a_minute()
    {
        _intake.TakeNode(PlanDocuments.Node("Enforce"));
        _intake.Stored(_intake.ToStore(), isKept: false);
        _intake.IsStoreDue.Should().BeFalse();
        _time.Advance(TimeSpan.FromMinutes(1));
        _intake.IsStoreDue.Should().BeTrue();
    }

    [Fact]
    public void Any_bytes_give_a_plan_or_a_problem_and_never_lose_the_last_good_plan()
    {
        var good = PlanDocuments.Node("Enforce", PlanDocuments.Scheme("a"), PlanDocuments.Scheme("b", rank: 2));
        Gen.Select(Gen.Int[0, 3000], Gen.Byte).Array[1, 5].Sample(changes =>
        {
            var intake = new PlanIntake(_time, "n1");
            intake.TakeNode(good);
            var bytes = good.ToArray();
            foreach (var (at, value) in changes)
                bytes[at % bytes.Length] = value;
            var taken = intake.TakeNode(bytes);
            return intake.Plan.IsKnown
                && (taken || intake.Plan.Schemes.Count == 2)
                && intake.Plan.Schemes.All(scheme => (scheme.Scheme is null) == (scheme.Reason.Length > 0))
                && (taken || bytes.AsSpan().SequenceEqual(good) || intake.PlanProblem is not null);
        }, iter: 2000);
        Gen.Byte.Array[0, 200].Sample(bytes =>
        {
            var intake = new PlanIntake(_time, "n1");
            intake.TakeNode(bytes);
            intake.TakeConfig(bytes);
            return intake.PlanProblem is not null && intake.Rules.Mode == ClusterMode.Observe && intake.ConfigProblem is not null;
        }, iter: 1000);
    }
}
