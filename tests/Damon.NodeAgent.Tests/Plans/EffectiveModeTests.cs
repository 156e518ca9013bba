using CsCheck;
using Damon.Api.Clusters;
using Damon.NodeAgent.Plans;

namespace Damon.NodeAgent.Tests.Plans;

public class EffectiveModeTests
{
    private static readonly DateTimeOffset Created = DateTimeOffset.UnixEpoch;

    // Scheme, cluster, node; what is in force and why.
    [Theory]
    [InlineData("Enforce", "Enforce", "Enforce", "Enforce", "")]
    [InlineData("Observe", "Enforce", "Enforce", "Observe", "")]
    [InlineData("Observe", "Observe", "Observe", "Observe", "")]
    [InlineData("Enforce", "Observe", "Enforce", "Observe", "ClusterObserve")]
    [InlineData("Enforce", "Enforce", "Observe", "Observe", "NodeObserve")]
    [InlineData("Enforce", "Observe", "Observe", "Observe", "ClusterObserve")]
    [InlineData("Enforce", "Off", "Enforce", "Off", "ClusterOff")]
    [InlineData("Observe", "Off", "Enforce", "Off", "ClusterOff")]
    [InlineData("Enforce", "Enforce", "Off", "Off", "NodeOff")]
    [InlineData("Enforce", "Observe", "Off", "Off", "NodeOff")]
    [InlineData("Enforce", "Off", "Off", "Off", "ClusterOff")]
    public void The_smallest_mode_is_in_force(string scheme, string cluster, string node, string mode, string reason) =>
        Decide(Scheme(scheme), $$"""{"mode":"{{cluster}}"}""", node)
            .Should().Be(new ModeDecision(Enum.Parse<ClusterMode>(mode), false, reason));

    [Theory]
    [InlineData(3599, "Enforce", "")]
    [InlineData(3600, "Observe", "Expired")]
    public void A_scheme_whose_time_is_over_observes(int secondsAfterCreation, string mode, string reason) =>
        Decide("""{"mode":"Enforce","action":{"type":"Pageout"},"target":{"podSelector":{},"all":true},"quota":{"size":1},"expiresAfter":"1h"}""", """{"mode":"Enforce"}""", "Enforce", now: Created.AddSeconds(secondsAfterCreation))
            .Should().Be(new ModeDecision(Enum.Parse<ClusterMode>(mode), false, reason));

    [Theory]
    [InlineData("""{"mode":"Enforce"}""", 3599, "Enforce", "")]
    [InlineData("""{"mode":"Enforce"}""", 3600, "Observe", "ApiServerLost")]
    [InlineData("""{"mode":"Enforce","safety":{"apiLossGrace":"10m"}}""", 599, "Enforce", "")]
    [InlineData("""{"mode":"Enforce","safety":{"apiLossGrace":"10m"}}""", 600, "Observe", "ApiServerLost")]
    public void Without_the_api_server_enforcing_decays(string config, int silentSeconds, string mode, string reason) =>
        Decide(PlanDocuments.Cold, config, "Enforce", silence: TimeSpan.FromSeconds(silentSeconds)).Should().Be(new ModeDecision(Enum.Parse<ClusterMode>(mode), false, reason));

    [Theory]
    [InlineData("""{"mode":"Enforce","allowedActions":["Cold"]}""", "Observe", "ActionNotAllowed")]
    [InlineData("""{"mode":"Enforce","allowedActions":[]}""", "Observe", "ActionNotAllowed")]
    [InlineData("""{"mode":"Enforce","allowedActions":["Pageout"]}""", "Enforce", "")]
    public void An_action_that_is_not_allowed_is_observed(string config, string mode, string reason) =>
        Decide(PlanDocuments.Cold, config, "Enforce").Should().Be(new ModeDecision(Enum.Parse<ClusterMode>(mode), false, reason));

    [Theory]
    [InlineData("Pageout", """{"mode":"Enforce"}""", "Observe", "NodeTargetsNotAllowed")]
    [InlineData("Pageout", """{"mode":"Enforce","nodeTargets":true}""", "Enforce", "")]
    [InlineData("Stat", """{"mode":"Enforce"}""", "Enforce", "")]
    public void A_scheme_of_the_node_needs_permission(string action, string config, string mode, string reason) =>
        Decide($$$"""{"mode":"Enforce","action":{"type":"{{{action}}}"},"target":{"kind":"Node"},"quota":{"size":1}}""", config, "Enforce").Should().Be(new ModeDecision(Enum.Parse<ClusterMode>(mode), false, reason));

    [Theory]
    [InlineData("Enforce", "Observe", true, "Paused")]
    [InlineData("Off", "Off", false, "ClusterOff")]
    public void A_suspended_scheme_is_paused_unless_it_is_off(string cluster, string mode, bool isPaused, string reason) =>
        Decide("""{"mode":"Enforce","paused":true,"action":{"type":"Pageout"},"target":{"podSelector":{},"all":true},"quota":{"size":1}}""", $$"""{"mode":"{{cluster}}"}""", "Enforce")
            .Should().Be(new ModeDecision(Enum.Parse<ClusterMode>(mode), isPaused, reason));

    [Fact]
    public void Nothing_ever_raises_a_mode() =>
        Gen.Select(Gen.Bool, Gen.Enum<ClusterMode>(), Gen.Enum<ClusterMode>(), Gen.Int[0, 7200], Gen.Int[0, 7200]).Sample((enforces, cluster, node, age, silence) =>
        {
            var own = enforces ? ClusterMode.Enforce : ClusterMode.Observe;
            var decision = Decide(
                Scheme(own.ToString(), ",\"expiresAfter\":\"1h\""),
                $$"""{"mode":"{{cluster}}"}""", node.ToString(), Created.AddSeconds(age), TimeSpan.FromSeconds(silence));
            return decision.Mode <= own && decision.Mode <= cluster && decision.Mode <= node
                && (decision.Mode < ClusterMode.Enforce || (age < 3600 && silence < 3600))
                && (decision.Reason.Length == 0) == (decision.Mode == own);
        }, iter: 300);

    private static string Scheme(string mode, string more = "") =>
        $$$"""{"mode":"{{{mode}}}","action":{"type":"Pageout"},"target":{"podSelector":{},"all":true},"quota":{"size":1}{{{more}}}}""";

    private static ModeDecision Decide(string scheme, string config, string node, DateTimeOffset? now = null, TimeSpan silence = default)
    {
        var intake = new PlanIntake(TimeProvider.System, "n1");
        intake.TakeNode(PlanDocuments.Node(node, PlanDocuments.Scheme("a", scheme))).Should().BeTrue();
        intake.TakeConfig(PlanDocuments.Config(config));
        intake.ConfigProblem.Should().BeNull();
        intake.Plan.Schemes[0].Message.Should().BeEmpty();
        return EffectiveMode.Of(intake.Plan.Schemes[0], intake.Plan, intake.Rules, now ?? Created, silence);
    }
}
