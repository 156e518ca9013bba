using YamlDotNet.RepresentationModel;

namespace Damon.Operator.Tests.ControlPlane;

/// <summary>The rights that stand in manifests of roles.</summary>
internal static class RoleRules
{
    /// <summary>Each as <c>patch damonnodes.damon.dev/status</c>.</summary>
    public static IReadOnlySet<string> Of(string yaml)
    {
        var rights = new HashSet<string>(StringComparer.Ordinal);
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        foreach (var document in stream.Documents)
        {
            if (document.RootNode is not YamlMappingNode root || !root.Children.TryGetValue(new YamlScalarNode("rules"), out var rules))
                continue;
            foreach (var rule in ((YamlSequenceNode)rules).Cast<YamlMappingNode>())
            {
                foreach (var group in Texts(rule, "apiGroups"))
                {
                    foreach (var resource in Texts(rule, "resources"))
                    {
                        var parts = resource.Split('/', 2);
                        foreach (var verb in Texts(rule, "verbs"))
                            rights.Add($"{verb} {parts[0]}{(group.Length == 0 ? "" : "." + group)}{(parts.Length == 1 ? "" : "/" + parts[1])}");
                    }
                }
            }
        }

        return rights;
    }

    private static IEnumerable<string> Texts(YamlMappingNode rule, string name) => ((YamlSequenceNode)rule[name]).Cast<YamlScalarNode>().Select(value => value.Value ?? "");
}
