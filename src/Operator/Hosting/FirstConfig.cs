using System.Text;
using System.Text.Json.Nodes;
using Damon.Api.Clusters;
using Damon.Api.Manifests;
using Damon.Api.Schemes;

namespace Damon.Operator.Hosting;

/// <summary>The configuration that is made where the cluster has none.</summary>
/// <param name="Json">The object.</param>
/// <param name="Mode">Its mode.</param>
internal sealed record FirstConfig(ReadOnlyMemory<byte> Json, ClusterMode Mode)
{
    /// <summary>From a file, or of defaults.</summary>
    /// <param name="file">Its name, for errors; null where there is none.</param>
    /// <param name="text">What it holds; not used where there is none.</param>
    /// <param name="mode">The mode, whatever the file says; null for what it says.</param>
    /// <param name="error">Why there is none, for people; empty where there is one.</param>
    public static FirstConfig? Read(string? file, string text, ClusterMode? mode, out string error)
    {
        error = "";
        var made = new JsonObject();
        var stated = ClusterMode.Observe;
        if (file is not null)
        {
            var read = DamonClusterConfigReader.Read(file, Encoding.UTF8.GetBytes(text));
            if (read.Config is not { } config)
            {
                error = string.Join("; ", read.Errors.Select(problem => problem.ToString()));
                return null;
            }

            stated = config.Spec.Mode;
            made = (JsonObject)NodeOf(ManifestReader.Read(file, text).Documents[0])!;
        }

        made["apiVersion"] = DamonSchemeReader.ApiVersion;
        made["kind"] = DamonClusterConfigReader.Kind;
        ChildOf(made, "metadata")["name"] = DamonClusterConfigReader.Name;
        ChildOf(made, "spec")["mode"] = (mode ?? stated).ToString();
        return new FirstConfig(Encoding.UTF8.GetBytes(made.ToJsonString()), mode ?? stated);
    }

    private static JsonObject ChildOf(JsonObject parent, string name)
    {
        if (parent[name] is JsonObject found)
            return found;
        JsonObject child = [];
        parent[name] = child;
        return child;
    }

    internal static JsonNode? NodeOf(ManifestNode node) => node switch
    {
        ManifestMapping mapping => new JsonObject(mapping.Entries.Select(entry => KeyValuePair.Create(entry.Key, NodeOf(entry.Value)))),
        ManifestSequence sequence => new JsonArray([.. sequence.Items.Select(NodeOf)]),
        ManifestScalar { Kind: ManifestScalarKind.Null } => null,
        ManifestScalar { Kind: ManifestScalarKind.Bool } scalar => JsonValue.Create(scalar.Text is ['t' or 'T', ..]),
        ManifestScalar { Kind: ManifestScalarKind.Number } scalar when long.TryParse(scalar.Text, System.Globalization.CultureInfo.InvariantCulture, out var number) => JsonValue.Create(number),
        ManifestScalar scalar => JsonValue.Create(scalar.Text),
        _ => throw new ArgumentOutOfRangeException(nameof(node)),
    };
}
