using Damon.Chart.Tests.Rendering;
using YamlDotNet.RepresentationModel;

namespace Damon.Chart.Tests;

/// <summary>How operator and agents run.</summary>
public class WorkloadTests
{
    [Fact]
    public void Two_operators_avoid_each_other_and_a_drain_leaves_one()
    {
        var chart = ChartCases.Render("default");
        var deployment = chart["Deployment", "damon-operator"];
        deployment.TextAt("spec", "replicas").Should().Be("2");
        deployment.TextAt("spec", "template", "spec", "affinity", "podAntiAffinity", "preferredDuringSchedulingIgnoredDuringExecution", "0", "podAffinityTerm", "topologyKey").Should().Be("kubernetes.io/hostname");
        deployment.TextAt("spec", "template", "spec", "priorityClassName").Should().Be("system-cluster-critical");
        chart["PodDisruptionBudget", "damon-operator"].TextAt("spec", "maxUnavailable").Should().Be("1");
    }

    [Fact]
    public void Agents_are_on_every_node_and_are_replaced_a_tenth_at_a_time()
    {
        var agents = ChartCases.Render("default")["DaemonSet", "damon-agent"];
        agents.TextAt("spec", "updateStrategy", "rollingUpdate", "maxUnavailable").Should().Be("10%");
        agents.TextAt("spec", "template", "spec", "priorityClassName").Should().Be("system-node-critical");
        CanonicalYaml.Of(agents.At("spec", "template", "spec", "tolerations")).Should().Be("""[{"operator":"Exists"}]""");
        agents.TextAt("spec", "template", "spec", "hostNetwork").Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(ChartCases.Names), MemberType = typeof(ChartCases))]
    public void What_selects_pods_selects_those_of_its_own_template(string name)
    {
        var chart = ChartCases.Render(name);
        foreach (var one in chart.OfKind("Deployment", "DaemonSet"))
        {
            var labels = Pairs(one.At("spec", "template", "metadata", "labels"));
            Pairs(one.At("spec", "selector", "matchLabels")).Should().BeSubsetOf(labels).And.HaveCount(2, "a selector never changes, so nothing of a version is in it");
        }

        var ofOperator = Pairs(chart["Deployment", "damon-operator"].At("spec", "template", "metadata", "labels"));
        Pairs(chart["Service", "damon-operator"].At("spec", "selector")).Should().BeSubsetOf(ofOperator);
        foreach (var policy in chart.OfKind("NetworkPolicy"))
        {
            foreach (var one in chart.OfKind("Deployment", "DaemonSet", "Job"))
                Pairs(policy.At("spec", "podSelector", "matchLabels")).Should().BeSubsetOf(Pairs(one.At("spec", "template", "metadata", "labels")), "{0} is for all pods", policy);
        }
    }

    [Theory]
    [MemberData(nameof(ChartCases.Names), MemberType = typeof(ChartCases))]
    public void Probes_ask_where_the_program_listens(string name)
    {
        var chart = ChartCases.Render(name);
        foreach (var container in (YamlMappingNode[])[chart.Agent, chart.Operator])
        {
            var port = ((YamlScalarNode)RenderedObject.Below(container, "ports", "0", "containerPort")!).Value;
            RenderedObject.Texts(container, "args").Should().ContainSingle(argument => argument.StartsWith("--listen=", StringComparison.Ordinal)).Which.Should().EndWith($":{port}");
            CanonicalYaml.Of(RenderedObject.Below(container, "livenessProbe", "httpGet")).Should().Be("""{"path":"/healthz","port":"http"}""");
            CanonicalYaml.Of(RenderedObject.Below(container, "readinessProbe", "httpGet")).Should().Be("""{"path":"/readyz","port":"http"}""");
        }
    }

    [Fact]
    public void Nobody_may_ask_for_metrics_unless_somebody_is_to()
    {
        Ingress("default").Should().Be("[]");
        Ingress("monitoring").Should().Be("""[{"from":[{"namespaceSelector":{}}],"ports":[{"port":"http","protocol":"TCP"}]}]""");
        Ingress("everything").Should().Be("""[{"from":[{"namespaceSelector":{"matchLabels":{"a":"b"}}}],"ports":[{"port":"http","protocol":"TCP"}]}]""");
        ChartCases.Render("lean").OfKind("NetworkPolicy").Should().BeEmpty();
    }

    [Fact]
    public void They_talk_to_the_api_server_alone()
    {
        Egress("default").Should().Be("""[{"ports":[{"port":<443>,"protocol":"TCP"},{"port":<6443>,"protocol":"TCP"}]}]""");
        Egress("everything").Should().Be("""[{"ports":[{"port":<6443>,"protocol":"TCP"}],"to":[{"ipBlock":{"cidr":"10.0.0.1/32"}}]}]""");
    }

    [Fact]
    public void A_token_by_chance_is_long_and_another_each_time_it_is_rendered_without_a_cluster()
    {
        var (one, other) = (Token("a"), Token("b"));
        one.Should().HaveLength(40).And.NotBe(other);
    }

    [Theory]
    [InlineData("default", "ghcr.io/damon-operator/damon-agent:v0.1.0", "ghcr.io/damon-operator/damon-operator:v0.1.0")]
    [InlineData("everything", "ghcr.io/damon-operator/damon-agent:1.2.3", "ghcr.io/damon-operator/damon-operator@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")]
    public void Images_are_those_of_the_chart_s_version_a_tag_or_a_digest(string name, string agent, string @operator)
    {
        var chart = ChartCases.Render(name);
        ((YamlScalarNode)chart.Agent["image"]).Value.Should().Be(agent);
        ((YamlScalarNode)chart.Operator["image"]).Value.Should().Be(@operator);
        foreach (var job in chart.OfKind("Job"))
            job.TextAt("spec", "template", "spec", "containers", "0", "image").Should().Be(@operator);
    }

    private static string Ingress(string name) => CanonicalYaml.Of(ChartCases.Render(name)["NetworkPolicy", "damon-ingress"].At("spec", "ingress"));

    private static string Egress(string name) => CanonicalYaml.Of(ChartCases.Render(name)["NetworkPolicy", "damon-egress"].At("spec", "egress"));

    /// <summary>Of a rendering of its own: the label makes it another.</summary>
    private static string Token(string label) =>
        System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(ChartProgram.Render("--set", "metrics.token=", "--set", $"commonLabels.{label}=1x")["Secret", "damon-metrics"].TextAt("data", "token")));

    private static IReadOnlyList<string> Pairs(YamlNode? labels) => [.. ((YamlMappingNode)labels!).Children.Select(pair => $"{pair.Key}={pair.Value}")];
}
