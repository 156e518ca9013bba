using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Damon.Chart.Tests.Rendering;
using Damon.Kubernetes.Objects;
using Damon.Kubernetes.Requests;
using Damon.Testing.ControlPlane.Servers;
using YamlDotNet.RepresentationModel;

namespace Damon.Chart.Tests.Servers;

/// <summary>
/// The expressions of the fence around each agent, word by word, evaluated by a real server's CEL. Servers before 1.30 have no ValidatingAdmissionPolicy, but one of custom resources has the same language: a kind is
/// defined whose objects are requests and whose rules are the policy's. What that does not show is that a server gives policies such requests; <see cref="AdmissionPolicyTests"/> does, on a server that has them.
/// </summary>
public class AdmissionExpressionTests
{
    private static readonly ResourceKind Definitions = new("apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", IsNamespaced: false);
    private static readonly ResourceKind Requests = new("test.damon.dev", "v1", "requests", "Request", IsNamespaced: false);

    /// <summary>Objects that are requests as a policy sees them. Bounds are those of the language: what has none costs too much.</summary>
    private const string Kind =
        """
        {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"requests.test.damon.dev"},"spec":{"group":"test.damon.dev","scope":"Cluster",
         "names":{"kind":"Request","listKind":"RequestList","plural":"requests","singular":"request"},"versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","properties":{"request":{
           "type":"object",
           "properties":{
             "operation":{"type":"string","maxLength":20},"subResource":{"type":"string","maxLength":100},"name":{"type":"string","maxLength":253},
             "resource":{"type":"object","properties":{"group":{"type":"string","maxLength":100},"version":{"type":"string","maxLength":20},"resource":{"type":"string","maxLength":100}}},
             "userInfo":{"type":"object","properties":{"username":{"type":"string","maxLength":253},
               "extra":{"type":"object","maxProperties":10,"additionalProperties":{"type":"array","maxItems":10,"items":{"type":"string","maxLength":253}}}}}}}}}}}]}}
        """;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_fence_lets_through_what_it_should_and_nothing_else()
    {
        var policy = ChartCases.Render("default")["ValidatingAdmissionPolicy", "damon-agent-own-node"];
        await using var server = await ChartServer.StartAsync();
        var definitions = server.Plane.DefinitionsServer.Client;
        var defined = await definitions.CreateAsync(Definitions, "", Encoding.UTF8.GetBytes(Definition(policy).ToJsonString()), Cancellation);
        defined.Failure.Should().BeNull();
        await Eventually.HoldsAsync(
            async () => (await definitions.ListAsync(new ObjectQuery(Requests), new ListPosition(), static _ => { }, Cancellation)).Succeeded, "that the kind is served", TimeSpan.FromSeconds(60), Cancellation);
        foreach (var (number, one) in AdmissionCase.All.Index())
        {
            var made = await definitions.CreateAsync(Requests, "", Encoding.UTF8.GetBytes(Request($"r{number}", one).ToJsonString()), Cancellation);
            made.Succeeded.Should().Be(one.IsAllowed, "{0}: {1}", one, made.Failure);
            if (made.Failure is { } refused)
                refused.Message.Should().Match("*an agent*", "it says why, and is no error of an expression");
        }
    }

    [Fact]
    public void The_fence_is_about_every_write_of_our_kinds_and_denies_when_in_doubt()
    {
        var chart = ChartCases.Render("default");
        var policy = chart["ValidatingAdmissionPolicy", "damon-agent-own-node"];
        policy.TextAt("spec", "failurePolicy").Should().Be("Fail");
        CanonicalYaml.Of(policy.At("spec", "matchConstraints", "resourceRules"))
            .Should().Be("""[{"apiGroups":["damon.dev"],"apiVersions":["*"],"operations":["CREATE","UPDATE","DELETE"],"resources":["*/*"]}]""");
        var binding = chart["ValidatingAdmissionPolicyBinding", "damon-agent-own-node"];
        binding.TextAt("spec", "policyName").Should().Be(policy.Name);
        RenderedObject.Texts(binding.Root, "spec", "validationActions").Should().Equal("Deny");
        binding.At("spec", "matchResources").Should().BeNull("it is for all that the policy is for");
        chart.OfKind("ServiceAccount").Select(account => $"system:serviceaccount:{account.Namespace}:{account.Name}").Should().Contain(AdmissionCase.Agent);
        policy.Text.Should().Contain($"request.userInfo.username == '{AdmissionCase.Agent}'");
    }

    private static JsonObject Definition(RenderedObject policy)
    {
        var variables = ((YamlSequenceNode)policy.At("spec", "variables")!).ToDictionary(one => Text(one, "name"), one => Text(one, "expression"), StringComparer.Ordinal);
        var matches = ((YamlSequenceNode)policy.At("spec", "matchConditions")!).Select(one => $"({Text(one, "expression")})");
        var rules = ((YamlSequenceNode)policy.At("spec", "validations")!).Select(one => (JsonNode)new JsonObject
        {
            ["rule"] = OfRequest($"!({string.Join(" && ", matches)}) || ({variables.Aggregate(Text(one, "expression"), (text, variable) => text.Replace($"variables.{variable.Key}", $"({variable.Value})", StringComparison.Ordinal))})"),
            ["message"] = $"{Text(one, "message")} (an agent)",
        });
        var definition = (JsonObject)JsonNode.Parse(Kind)!;
        definition["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!["properties"]!["request"]!["x-kubernetes-validations"] = new JsonArray([.. rules]);
        return definition;
    }

    /// <summary>What a policy calls request is the object itself here.</summary>
    private static string OfRequest(string expression) => expression.Replace("request.", "self.", StringComparison.Ordinal);

    private static JsonObject Request(string name, AdmissionCase one)
    {
        // What is empty is not sent to a policy, either.
        var request = new JsonObject { ["operation"] = one.Operation, ["resource"] = new JsonObject { ["group"] = "damon.dev", ["version"] = "v1alpha1", ["resource"] = one.Resource } };
        if (one.Subresource is { } subresource)
            request["subResource"] = subresource;
        if (one.Name is { } of)
            request["name"] = of;
        var user = new JsonObject { ["username"] = one.User };
        if (one.Nodes is { } nodes)
            user["extra"] = new JsonObject { ["authentication.kubernetes.io/node-name"] = JsonSerializer.SerializeToNode(nodes) };
        request["userInfo"] = user;
        return new() { ["apiVersion"] = "test.damon.dev/v1", ["kind"] = "Request", ["metadata"] = new JsonObject { ["name"] = name }, ["request"] = request };
    }

    private static string Text(YamlNode from, string name) => ((YamlScalarNode)from[name]).Value!;
}
