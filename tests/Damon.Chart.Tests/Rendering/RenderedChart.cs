using YamlDotNet.RepresentationModel;

namespace Damon.Chart.Tests.Rendering;

/// <summary>What a chart has rendered to.</summary>
/// <param name="Objects">All objects, sorted.</param>
internal sealed record RenderedChart(IReadOnlyList<RenderedObject> Objects)
{
    public static RenderedChart Parse(string text) => new(
    [
        .. ("\n" + text).Split("\n---", StringSplitOptions.RemoveEmptyEntries).Select(RenderedObject.TryParse).OfType<RenderedObject>()
            .OrderBy(one => one.Kind, StringComparer.Ordinal).ThenBy(one => one.Namespace, StringComparer.Ordinal).ThenBy(one => one.Name, StringComparer.Ordinal),
    ]);

    /// <summary>The one of a kind and a name.</summary>
    public RenderedObject this[string kind, string name] => Objects.Single(one => one.Kind == kind && one.Name == name);

    public IEnumerable<RenderedObject> OfKind(params string[] kinds) => Objects.Where(one => kinds.Contains(one.Kind));

    /// <summary>The agent's container.</summary>
    public YamlMappingNode Agent => (YamlMappingNode)this["DaemonSet", "damon-agent"].At("spec", "template", "spec", "containers", "0")!;

    /// <summary>The operator's container.</summary>
    public YamlMappingNode Operator => (YamlMappingNode)this["Deployment", "damon-operator"].At("spec", "template", "spec", "containers", "0")!;
}
