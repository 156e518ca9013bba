using System.Text.Json;
using Damon.Api.Clusters;
using Damon.Operator.Json;
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
        var metadata = ObjectMetadata.Of(utf8);
        var rules = ClusterRules.Read(utf8);
        return new ConfigObject(rules, rules.Mode == ClusterMode.Off && metadata.Annotations.GetValueOrDefault(OffByAnnotation) == Uninstall);
    }
}
