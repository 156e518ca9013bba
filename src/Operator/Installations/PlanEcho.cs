using System.Text.Json;
using Damon.Api.Clusters;
using Damon.Operator.Json;

namespace Damon.Operator.Installations;

/// <summary>Whether a node's agent has taken up the plan that the node has now.</summary>
/// <param name="Node">The node.</param>
/// <param name="IsOff">Whether the plan says Off.</param>
/// <param name="HasAgent">Whether an agent has ever said anything.</param>
/// <param name="IsEchoed">Whether what it said last was about this plan.</param>
internal readonly record struct PlanEcho(string Node, bool IsOff, bool HasAgent, bool IsEchoed)
{
    /// <summary>Reads a DamonNode.</summary>
    /// <exception cref="JsonException">It is no object, or has no name.</exception>
    public static PlanEcho Read(ReadOnlySpan<byte> utf8)
    {
        var metadata = default(ObjectMetadata);
        var (mode, hasStatus, observed) = ("", false, 0L);
        var reader = JsonReading.Begin(utf8);
        while (reader.NextField())
        {
            if (reader.IsField("metadata"u8))
                metadata = ObjectMetadata.Next(ref reader, texts: null);
            else if (reader.IsField("spec"u8))
                mode = NextMode(ref reader);
            else if (reader.IsField("status"u8))
                (hasStatus, observed) = NextObserved(ref reader);
            else
                reader.PassOver();
        }

        return new(metadata.RequireName(), mode == nameof(ClusterMode.Off), hasStatus, hasStatus && observed >= metadata.Generation);
    }

    private static string NextMode(ref Utf8JsonReader spec)
    {
        var mode = "";
        if (!spec.EntersObject())
            return mode;
        while (spec.NextField())
        {
            if (spec.IsField("mode"u8))
                mode = spec.NextText(texts: null);
            else
                spec.PassOver();
        }

        return mode;
    }

    private static (bool HasStatus, long Observed) NextObserved(ref Utf8JsonReader status)
    {
        var observed = 0L;
        if (!status.EntersObject())
            return (false, observed);
        while (status.NextField())
        {
            if (status.IsField("observedGeneration"u8))
                observed = status.NextWhole();
            else
                status.PassOver();
        }

        return (true, observed);
    }
}
