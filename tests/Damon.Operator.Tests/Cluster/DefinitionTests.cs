using System.Text;
using System.Text.Json.Nodes;
using Damon.Api.Clusters;
using Damon.Api.Nodes;
using Damon.Api.Schemes;
using Damon.Operator.Cluster;
using Damon.Testing.ApiServer;

namespace Damon.Operator.Tests.Cluster;

/// <summary>Definitions that are older than the operator are found, and told before anything is made of what they have taken away.</summary>
public class DefinitionTests
{
    public static TheoryData<string> Files => ["damonschemes", "damonnodes", "damonclusterconfigs"];

    [Theory]
    [MemberData(nameof(Files))]
    public void Our_own_definitions_lack_nothing(string plural) => Lacks(OperatorBench.Definition(plural), plural).Should().BeNull();

    [Theory]
    [InlineData("damonschemes", "action.destinations", "spec.action.destinations")]
    [InlineData("damonschemes", "quota.perPod", "spec.quota.perPod")]
    [InlineData("damonschemes", "nodeSelector", "spec.nodeSelector")]
    [InlineData("damonclusterconfigs", "exclusiveModules", "spec.exclusiveModules")]
    [InlineData("damonnodes", "mode", "spec.mode")]
    public void A_field_that_a_definition_lacks_is_named_and_not_what_is_below_it(string plural, string field, string named)
    {
        var definition = OperatorBench.Definition(plural);
        Remove(definition, field);
        Lacks(definition, plural).Should().Be($"the definition {plural}.damon.dev is older than this operator and lacks {named}; apply the definitions of the operator's version");
    }

    [Fact]
    public void Of_many_fields_five_are_named()
    {
        var definition = OperatorBench.Definition("damonschemes");
        foreach (var field in (string[])["nodeSelector", "backend", "monitoring", "watermarks", "filters", "safety", "rollout"])
            Remove(definition, field);
        Lacks(definition, "damonschemes").Should().Contain("and 2 more;");
    }

    [Theory]
    [InlineData("""{"metadata":{"name":"x"},"spec":{}}""", "no versions")]
    [InlineData("""{"metadata":{"name":"x"},"spec":{"versions":[{"name":"v2"}]}}""", "no version v1alpha1")]
    [InlineData("""{"metadata":{"name":"x"},"spec":{"versions":[{"name":"v1alpha1","schema":{"openAPIV3Schema":{"type":"object"}}}]}}""", "nothing about spec")]
    public void A_definition_of_another_shape_lacks_everything(string json, string said) =>
        DefinitionReader.Lacks(Encoding.UTF8.GetBytes(json), "v1alpha1", ["mode"]).Should().Contain(said);

    [Fact]
    public void A_definition_that_keeps_what_it_does_not_know_lacks_nothing() => DefinitionReader.Lacks(
        """{"metadata":{"name":"x"},"spec":{"versions":[{"name":"v1alpha1","schema":{"openAPIV3Schema":{"properties":{"spec":{"x-kubernetes-preserve-unknown-fields":true}}}}}]}}"""u8, "v1alpha1", ["mode", "a.b[].c"])
        .Should().BeNull();

    [Fact]
    public void A_scheme_on_an_old_definition_says_so_and_is_well_when_the_definition_is_renewed() => OperatorBench.Run(async bench =>
    {
        var old = bench.Server.Objects(FakeKind.Definitions).Single(one => one["metadata"]!["name"]!.GetValue<string>() == "damonschemes.damon.dev");
        Remove(old, "quota.perPod");
        bench.Server.Put(FakeKind.Definitions, old);
        bench.WithNodes(5).StartAgents();
        bench.PutScheme("cold");
        bench.Start();
        await bench.UntilAsync(() => bench.Condition("cold", "Ready") is not null, TimeSpan.FromMinutes(1), "a word about the scheme");
        var ready = bench.Condition("cold", "Ready")!;
        ready["reason"]!.GetValue<string>().Should().Be("CrdTooOld");
        ready["message"]!.GetValue<string>().Should().Contain("spec.quota.perPod");

        var renewed = OperatorBench.Definition("damonschemes");
        renewed["metadata"]!["resourceVersion"] = bench.Server.Objects(FakeKind.Definitions).Single(one => one["metadata"]!["name"]!.GetValue<string>() == "damonschemes.damon.dev")["metadata"]!["resourceVersion"]!.DeepClone();
        bench.Server.Put(FakeKind.Definitions, renewed);
        await bench.UntilAsync(() => bench.Ready("cold") == "True", TimeSpan.FromMinutes(1), "the scheme");
    });

    /// <summary>The definition of DamonNode may be another server's, or nobody may see it: then the answer to a write is what tells.</summary>
    [Fact]
    public void A_plan_that_the_server_prunes_is_found_in_its_answer_and_not_written_again_and_again() => OperatorBench.Run(
        async bench =>
        {
            bench.Server.Delete(FakeKind.Definitions, "", "damonnodes.damon.dev");
            bench.WithNodes(5);
            bench.PutScheme("cold");
            bench.Start();
            await bench.UntilAsync(() => bench.Condition("cold", "Ready")?["reason"]?.GetValue<string>() == "CrdTooOld", TimeSpan.FromMinutes(2), "a word about the definition");
            var from = bench.Loop.Elapsed;
            await bench.Loop.Pass(TimeSpan.FromMinutes(30));
            bench.Writes.Count(request => request.At >= from && request.Plural == "damonnodes").Should().BeLessThanOrEqualTo(5 * 10);
        },
        FakeKind.DamonNodes with { Prune = static node => (node["spec"]?["schemes"] as JsonArray)?.OfType<JsonObject>().ToList().ForEach(entry => entry.Remove("document")) });

    private static string? Lacks(JsonObject definition, string plural) => DefinitionReader.Lacks(
        Encoding.UTF8.GetBytes(definition.ToJsonString()),
        "v1alpha1",
        plural switch { "damonschemes" => DamonSchemeReader.KnownFields, "damonnodes" => DamonNodeReader.KnownFields, _ => DamonClusterConfigReader.KnownFields });

    private static void Remove(JsonObject definition, string field)
    {
        var at = (JsonObject)definition["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!["properties"]!["spec"]!;
        var parts = field.Split('.');
        foreach (var part in parts[..^1])
            at = (JsonObject)at["properties"]![part]!;
        ((JsonObject)at["properties"]!).Remove(parts[^1]).Should().BeTrue();
    }
}
