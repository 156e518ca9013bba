using System.Text;
using Damon.Api.Clusters;
using Damon.Operator.Plans;
using Damon.Operator.Schemes;
using Damon.Operator.Statuses;
using Damon.Operator.Tests.Simulation;

namespace Damon.Operator.Tests.Plans;

public class ClusterRulesTests
{
    [Theory]
    [InlineData("""{"mode":"Enforce"}""", ClusterMode.Enforce, "")]
    [InlineData("""{"mode":"Observe"}""", ClusterMode.Observe, Reasons.ClusterObserve)]
    [InlineData("""{}""", ClusterMode.Observe, Reasons.ClusterObserve)]
    [InlineData("""{"mode":"Off"}""", ClusterMode.Off, Reasons.ClusterOff)]
    [InlineData("""{"mode":"Enforce","new":1}""", ClusterMode.Observe, Reasons.OperatorTooOld)]
    [InlineData("""{"mode":"Sometimes"}""", ClusterMode.Observe, Reasons.OperatorTooOld)]
    [InlineData("""{"mode":"Enforce","optIn":3}""", ClusterMode.Observe, Reasons.ClusterConfigUnreadable)]
    [InlineData("""{"mode":"Off","new":1}""", ClusterMode.Off, Reasons.ClusterOff)] // A kill switch must not depend on the rest.
    [InlineData("""{"mode":"Off","optIn":3}""", ClusterMode.Off, Reasons.ClusterOff)]
    public void What_cannot_be_read_may_forbid_what_would_be_done(string spec, ClusterMode mode, string reason)
    {
        var rules = Read(spec);
        (rules.Mode, rules.Reason).Should().Be((mode, reason));
    }

    [Theory]
    [InlineData("""{"mode":"Enforce"}""", "\"priority\":1", null)]
    [InlineData("""{"mode":"Enforce","allowedActions":["Pageout"]}""", "\"priority\":1", null)]
    [InlineData("""{"mode":"Enforce","allowedActions":[]}""", "\"priority\":1", Reasons.ActionNotAllowed)]
    [InlineData("""{"mode":"Enforce","allowedActions":[]}""", "\"action\":{\"type\":\"Stat\"}", null)] // Counting is no doing.
    [InlineData("""{"mode":"Enforce"}""", "\"target\":{\"kind\":\"Node\"}", Reasons.NodeTargetsNotAllowed)]
    [InlineData("""{"mode":"Enforce","nodeTargets":true}""", "\"target\":{\"kind\":\"Node\"}", null)]
    [InlineData("""{"mode":"Observe"}""", "\"action\":{\"type\":\"Stat\"}", Reasons.ClusterObserve)]
    public void The_configuration_says_what_may_act(string config, string scheme, string? reason)
    {
        var spec = SchemeObjectReader.Read(Encoding.UTF8.GetBytes($"{{\"metadata\":{{\"name\":\"a\"}},\"spec\":{SimulatedRun.Spec(scheme)}}}")).Spec;
        Read(config).WhyNotActing(spec!).Should().Be(reason);
    }

    private static ClusterRules Read(string spec) =>
        ClusterRules.Read(Encoding.UTF8.GetBytes($"{{\"apiVersion\":\"damon.dev/v1alpha1\",\"kind\":\"DamonClusterConfig\",\"metadata\":{{\"name\":\"cluster\",\"uid\":\"u\",\"generation\":3}},\"spec\":{spec}}}"));
}
