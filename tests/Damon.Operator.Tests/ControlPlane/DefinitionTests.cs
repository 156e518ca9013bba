using Damon.Api.Nodes;
using Damon.Testing;
using Damon.Testing.ControlPlane.Agents;
using Damon.Testing.ControlPlane.Servers;
using YamlDotNet.RepresentationModel;

namespace Damon.Operator.Tests.ControlPlane;

/// <summary>Definitions, agents and operators of different versions.</summary>
public class DefinitionTests
{
    private const string Scheme = "reclaim";

    [Fact]
    public async Task A_definition_that_lacks_a_field_is_told_and_one_that_has_it_takes_its_place_without_a_conversion()
    {
        await using var world = await OperatorWorld.StartAsync(new() { Nodes = 3, InstallsDefinitions = false });
        // As of a version before the field.
        await world.Plane.InstallAsync(static (plural, yaml) => plural == "damonschemes" ? Without(yaml, "expiresAfter") : yaml, TestContext.Current.CancellationToken);
        await world.ApplyConfigAsync("Enforce");
        var one = world.StartOperator();
        await world.ApplySchemeAsync(Scheme, OperatorWorld.Spec("Enforce"));
        var old = await world.UntilSchemeAsync(Scheme, scheme => scheme is { IsCurrent: true, Ready: "False" } && scheme.Reason("Ready") == "CrdTooOld" && scheme.Nodes("observing") == 3, "observes, and is told that its definition is too old");
        old.Object["status"]!.ToJsonString().Should().Contain("spec.expiresAfter", "it is said what is lacking");
        var uid = old.Object["metadata"]!["uid"]!.GetValue<string>();

        await world.Plane.InstallAsync(static (_, yaml) => yaml, TestContext.Current.CancellationToken);
        await world.UntilDoneAsync(Scheme);
        await world.ApplySchemeAsync(Scheme, OperatorWorld.Spec("Enforce", extra: "expiresAfter: 24h"));
        var known = await world.UntilDoneAsync(Scheme);
        known.Object["metadata"]!["uid"]!.GetValue<string>().Should().Be(uid, "objects outlive their definition's change");
        (await world.ListAsync(DamonKinds.Nodes)).Should().OnlyContain(plan => plan["spec"]!["schemes"]!.AsArray().Any(entry => (string?)PlanEntry.SpecOf(entry)["expiresAfter"] == "24h"));
        one.Messages("error").Should().BeEmpty();
    }

    [Fact]
    public async Task Agents_that_are_too_old_are_counted_and_named_and_the_others_go_on()
    {
        await using var world = await OperatorWorld.StartAsync(new() { Nodes = 12 });
        world.StartOperator();
        world.Agents.Behave(world.Nodes.Names[0], new AgentBehaviour { StateOf = _ => (NodeSchemeState.Unsupported, "AgentTooOld"), Version = "0.0.9" });
        await world.ApplySchemeAsync(Scheme, OperatorWorld.Spec("Enforce"));
        var done = await world.UntilSchemeAsync(
            Scheme, scheme => scheme is { IsCurrent: true, Phase: "Done" } && scheme.Nodes("active") == 11 && scheme.Nodes("unsupported") == 1, "acts on all nodes but one");
        done.Ready.Should().Be("True", "what cannot be done on a node is no failure of the scheme");
        var failure = done.Object["status"]!["failures"]!.AsArray().Should().ContainSingle().Subject!;
        (failure["node"]!.GetValue<string>(), failure["reason"]!.GetValue<string>()).Should().Be((world.Nodes.Names[0], "AgentTooOld"));

        // The agents are upgraded.
        world.Agents.Behave(world.Nodes.Names[0], new AgentBehaviour());
        await world.UntilDoneAsync(Scheme);
    }

    /// <summary>A definition without a field of spec.</summary>
    private static string Without(string yaml, string field)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        var version = (YamlMappingNode)((YamlSequenceNode)((YamlMappingNode)stream.Documents[0].RootNode)["spec"]["versions"])[0];
        var fields = (YamlMappingNode)version["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"];
        fields.Children.Remove(new YamlScalarNode(field)).Should().BeTrue();
        using var text = new StringWriter();
        stream.Save(text, assignAnchors: false);
        return text.ToString();
    }
}
