using System.Text.Json;
using Damon.Kubernetes.Objects;
using Damon.Operator.Plans;

namespace Damon.Operator.Cluster;

/// <summary>The cluster's configuration as an object.</summary>
/// <param name="Rules">What it says.</param>
/// <param name="IsOffByUninstall">Whether an uninstallation has set it to Off.</param>
internal sealed record ConfigObject(ClusterRules Rules, bool IsOffByUninstall)
{
    /// <summary>Who has set the mode to Off.</summary>
    public const string OffByAnnotation = "damon.dev/off-by";

    /// <summary>The uninstallation of the product. Whatever else stands there is an admin's.</summary>
    public const string Uninstall = "uninstall";

    /// <summary>Reads it; serves as the decoder of an informer.</summary>
    /// <exception cref="JsonException">It is no object.</exception>
    public static ConfigObject Read(ReadOnlySpan<byte> utf8)
    {
        var (mode, offBy) = ("", "");
        var isRead = JsonFields.TryRead(utf8, (ref Utf8JsonReader reader, ReadOnlySpan<byte> name) =>
        {
            if (name.SequenceEqual("metadata"u8))
            {
                JsonFields.Object(ref reader, (ref Utf8JsonReader metadata, ReadOnlySpan<byte> field) =>
                {
                    if (field.SequenceEqual("annotations"u8))
                        offBy = JsonFields.Map(ref metadata).GetValueOrDefault(OffByAnnotation, "");
                });
            }
            else if (name.SequenceEqual("spec"u8))
            {
                JsonFields.Object(ref reader, (ref Utf8JsonReader spec, ReadOnlySpan<byte> field) =>
                {
                    if (field.SequenceEqual("mode"u8))
                        mode = JsonFields.Text(ref spec);
                });
            }
        });
        return isRead ? new ConfigObject(ClusterRules.Read(utf8), mode == "Off" && offBy == Uninstall) : throw new JsonException("Not an object.");
    }
}
