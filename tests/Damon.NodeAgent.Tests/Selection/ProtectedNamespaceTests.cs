using System.Text.Json;
using CsCheck;
using Damon.Api.Schemes;
using Damon.NodeAgent.Plans;
using Damon.NodeAgent.Safety;
using Damon.NodeAgent.Tests.Agent;
using Damon.NodeAgent.Tests.Plans;
using Damon.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Damon.NodeAgent.Tests.Selection;

/// <summary>
/// A scheme's author is trusted with the cluster, but not with this: no field of a scheme, and no mixture of fields, reaches a pod of a protected namespace. Schemes by chance go through the agent's own decoder
/// and its whole loop; that the same schemes do reach the same pods where nothing protects them shows that it is the protection that holds.
/// </summary>
public class ProtectedNamespaceTests
{
    private const string Protecting = ",\"protectedNamespaces\":[\"kube-system\",\"db\"]";
    private const string NotProtecting = ",\"protectedNamespaces\":[]";

    [Fact]
    public void Every_field_that_the_decoder_knows_occurs_in_schemes_that_it_accepts()
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        Gen.OneOf(SchemeSpecs.OfPods, SchemeSpecs.OfNode).Sample(
            spec =>
            {
                if (IsAccepted(spec))
                {
                    using var document = JsonDocument.Parse(spec);
                    Note(document.RootElement, "", seen);
                }
            },
            iter: 4000,
            threads: 1);

        DamonSchemeReader.KnownFields.Except(seen, StringComparer.Ordinal).Should().BeEmpty();
    }

    [Theory]
    [InlineData(Protecting, false)]
    [InlineData(NotProtecting, true)]
    public void Whatever_schemes_say_pods_of_protected_namespaces_are_neither_looked_at_nor_acted_on(string configuration, bool areReached)
    {
        using var world = new LoopWorld();
        FakePod[] held = [AddPod(world, "kube-system"), AddPod(world, "db"), AddPod(world, "kube-system", FakeQos.BestEffort)];
        FakePod[] free = [AddPod(world, "shop"), AddPod(world, "shop", FakeQos.BestEffort)];
        world.PutConfig("Enforce", configuration);
        world.Report();
        var looked = 0;

        SchemeSpecs.OfPods.Array[1, 3].Sample(
            specs =>
            {
                world.PutPlan([.. specs.Select((spec, i) => PlanDocuments.Scheme($"s{i}", spec, rank: i + 1))]);
                world.Run(25);
                looked += held.Sum(pod => world.View(pod.Containers[0]).SessionProcesses);
                return areReached
                    || (held.All(pod => world.View(pod.Containers[0]) is { SessionProcesses: 0, Schemes.Count: 0, HeldBy: nameof(Protection.ProtectedNamespace) })
                        && !world.Done.Exists(done => held.Contains(PodOf(held, done.Owner))));
            },
            iter: 60,
            threads: 1,
            print: specs => string.Join('\n', specs));

        world.Done.Select(done => PodOf(free, done.Owner)).Where(pod => pod is not null).Distinct().Should().BeEquivalentTo(free, "schemes do act");
        world.Done.Select(done => PodOf(held, done.Owner)).Where(pod => pod is not null).Distinct().Should().BeEquivalentTo(areReached ? held : []);
        (looked > 0).Should().Be(areReached);
        world.Unexpected.Should().BeEmpty();
    }

    [Theory]
    [InlineData(Protecting, false)]
    [InlineData(NotProtecting, true)]
    public async Task Nor_does_the_kernel_touch_them_for_schemes_of_the_whole_node(string configuration, bool areReached)
    {
        await using var world = new NodeKernelWorld();
        FakePod[] held = [world.AddPod(record => record with { Namespace = "kube-system" }), world.AddPod(record => record with { Namespace = "db" })];
        FakePod[] free = [world.AddPod(), world.AddPod()];
        world.Node.PutConfig("Enforce", ",\"nodeTargets\":true" + configuration);
        var paths = NodeKernelWorld.PathsOf(held).ToHashSet(StringComparer.Ordinal);
        var letThrough = new HashSet<string>(StringComparer.Ordinal);

        SchemeSpecs.OfNode.Sample(
            spec =>
            {
                world.Node.PutPlan(PlanDocuments.Scheme("node", spec));
                world.Run(6, () => letThrough.UnionWith(world.LetThrough()));
                return areReached || (!letThrough.Overlaps(paths) && !world.Done.Exists(done => paths.Contains(done.Cgroup)));
            },
            iter: 40,
            threads: 1,
            print: spec => spec);

        letThrough.Should().Contain(NodeKernelWorld.PathsOf(free), "schemes do act");
        letThrough.Overlaps(paths).Should().Be(areReached);
        world.Node.Unexpected.Should().BeEmpty();
    }

    [Theory]
    [InlineData("""{"safety":{"protectedNamespaces":[]},"action":{"type":"Stat"},"target":{"podSelector":{}}}""")]
    [InlineData("""{"protectedNamespaces":[],"action":{"type":"Stat"},"target":{"podSelector":{}}}""")]
    [InlineData("""{"action":{"type":"Stat"},"target":{"podSelector":{},"namespaces":["kube-system"]}}""")]
    [InlineData("""{"action":{"type":"Stat"},"target":{"podSelector":{},"pids":[1]}}""")]
    [InlineData("""{"action":{"type":"Stat"},"target":{"podSelector":{},"cgroups":["/system.slice"]}}""")]
    [InlineData("""{"action":{"type":"Pageout"},"target":{"kind":"Node"},"filters":[{"type":"Cgroup","matching":true,"allow":true,"path":"/system.slice"}]}""")]
    [InlineData("""{"action":{"type":"Pageout"},"target":{"kind":"Node"},"filters":[{"type":"Address","matching":true,"allow":true,"min":"0","max":"1Gi"}]}""")]
    public void No_field_names_a_namespace_a_process_a_control_group_or_an_address(string spec) => IsAccepted(spec).Should().BeFalse();

    private static bool IsAccepted(string spec)
    {
        var intake = new PlanIntake(new FakeTimeProvider(), "n1");
        intake.TakeNode(PlanDocuments.Node("Enforce", PlanDocuments.Scheme("s", spec)));
        return intake.Plan.Schemes.Single().Scheme is not null;
    }

    private static FakePod AddPod(LoopWorld world, string ofNamespace, FakeQos qos = FakeQos.Burstable) => world.AddPod(qos: qos, edit: record => record with
    {
        Namespace = ofNamespace,
        Labels = new Dictionary<string, string>(StringComparer.Ordinal) { ["app"] = "web", ["damon.dev/opt-in"] = "true", ["damon.dev/opt-out"] = "false" },
        NamespaceLabels = new Dictionary<string, string>(StringComparer.Ordinal) { ["kubernetes.io/metadata.name"] = ofNamespace, ["damon.dev/opt-in"] = "true" },
    });

    private static FakePod? PodOf(FakePod[] pods, FakeContainer? container) => Array.Find(pods, pod => container is not null && pod.Containers.Contains(container));

    /// <summary>The paths of a document's fields as the decoder names them.</summary>
    private static void Note(JsonElement element, string path, HashSet<string> seen)
    {
        seen.Add(path);
        if (element.ValueKind == JsonValueKind.Object)
        {
            foreach (var field in element.EnumerateObject())
            {
                Note(field.Value, path.EndsWith("matchLabels", StringComparison.Ordinal) ? path + ".*" : path.Length == 0 ? field.Name : $"{path}.{field.Name}", seen);
            }
        }
        else if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in element.EnumerateArray())
            {
                Note(item, path + "[]", seen);
            }
        }
    }
}
