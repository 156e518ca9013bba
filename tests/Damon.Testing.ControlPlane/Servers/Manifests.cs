using System.Text;
using Damon.Kubernetes.Objects;
using Damon.Kubernetes.Requests;
using YamlDotNet.RepresentationModel;

namespace Damon.Testing.ControlPlane.Servers;

/// <summary>Gives a server what stands in YAML files, as <c>kubectl apply --server-side</c> does, where there may be no kubectl.</summary>
public static class Manifests
{
    private static readonly Dictionary<string, (string Plural, bool IsNamespaced)> Kinds = new(StringComparer.Ordinal)
    {
        ["Namespace"] = ("namespaces", false),
        ["ServiceAccount"] = ("serviceaccounts", true),
        ["ClusterRole"] = ("clusterroles", false),
        ["ClusterRoleBinding"] = ("clusterrolebindings", false),
        ["Role"] = ("roles", true),
        ["RoleBinding"] = ("rolebindings", true),
        ["DamonScheme"] = ("damonschemes", false),
        ["DamonClusterConfig"] = ("damonclusterconfigs", false),
        ["ConfigMap"] = ("configmaps", true),
        ["CustomResourceDefinition"] = ("customresourcedefinitions", false),
        ["Secret"] = ("secrets", true),
        ["Service"] = ("services", true),
        ["Pod"] = ("pods", true),
        ["Node"] = ("nodes", false),
        ["DamonNode"] = ("damonnodes", false),
        ["Deployment"] = ("deployments", true),
        ["DaemonSet"] = ("daemonsets", true),
        ["Job"] = ("jobs", true),
        ["PodDisruptionBudget"] = ("poddisruptionbudgets", true),
        ["NetworkPolicy"] = ("networkpolicies", true),
        ["ValidatingAdmissionPolicy"] = ("validatingadmissionpolicies", false),
        ["ValidatingAdmissionPolicyBinding"] = ("validatingadmissionpolicybindings", false),
    };

    /// <summary>A document without some fields, wherever they stand in it: a server that is too old for them refuses them or what is in them.</summary>
    /// <param name="yaml">One document.</param>
    /// <param name="fields">Their names.</param>
    public static string Without(string yaml, params IReadOnlyList<string> fields)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        foreach (var mapping in stream.Documents[0].AllNodes.OfType<YamlMappingNode>())
        {
            foreach (var field in fields)
                mapping.Children.Remove(new YamlScalarNode(field));
        }

        using var text = new StringWriter();
        stream.Save(text, assignAnchors: false);
        return text.ToString();
    }

    /// <summary>Applies every document of a text.</summary>
    /// <param name="client">Sends.</param>
    /// <param name="yaml">One or more documents.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>What the server refused; empty where it took all.</returns>
    public static async Task<IReadOnlyList<string>> ApplyAsync(ApiClient client, string yaml, CancellationToken cancellation)
    {
        List<string> refused = [];
        foreach (var text in yaml.Split("\n---", StringSplitOptions.RemoveEmptyEntries))
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            if (stream.Documents.Count == 0 || stream.Documents[0].RootNode is not YamlMappingNode root)
                continue;
            var (group, version) = Text(root, "apiVersion").Split('/') is [var named, var ofGroup] ? (named, ofGroup) : ("", Text(root, "apiVersion"));
            var kind = Text(root, "kind");
            var metadata = (YamlMappingNode)root["metadata"];
            var (plural, isNamespaced) = Kinds.TryGetValue(kind, out var known) ? known : throw new InvalidOperationException($"{kind} is not known here; add it.");
            var key = new ObjectKey(isNamespaced ? Text(metadata, "namespace") : "", Text(metadata, "name"));
            var body = text.StartsWith("---", StringComparison.Ordinal) ? text[3..] : text;
            var applied = await client.PatchAsync(
                new ResourceKind(group, version, plural, kind, isNamespaced), key, PatchKind.Apply, Encoding.UTF8.GetBytes(body), "damon-tests", force: true, cancellation);
            if (!applied.Succeeded)
                refused.Add($"{kind} {key}: {applied.Failure}");
        }

        return refused;
    }

    /// <summary>Applies every file of a folder of the repository.</summary>
    public static async Task<IReadOnlyList<string>> ApplyFolderAsync(ApiClient client, string folder, CancellationToken cancellation)
    {
        List<string> refused = [];
        foreach (var name in RepositoryFiles.Names(folder).Where(name => name.EndsWith(".yaml", StringComparison.Ordinal)))
            refused.AddRange(await ApplyAsync(client, RepositoryFiles.Text($"{folder}/{name}"), cancellation));
        return refused;
    }

    private static string Text(YamlMappingNode node, string name) => node.Children.TryGetValue(new YamlScalarNode(name), out var value) ? ((YamlScalarNode)value).Value ?? "" : "";
}
