using Damon.Operator.Json;

namespace Damon.Operator.Schemes;

/// <summary>A merge patch that sets a scheme's finalizers. A list is replaced as a whole, so it is of that very version only: somebody else's finalizer may have come since.</summary>
internal static class FinalizersPatch
{
    /// <summary>Makes it.</summary>
    /// <param name="resourceVersion">The version that the finalizers were read from.</param>
    /// <param name="finalizers">All of them.</param>
    public static byte[] Write(string resourceVersion, IReadOnlyList<string> finalizers) => JsonBytes.OfObject(json =>
    {
        json.WriteStartObject("metadata");
        json.WriteString("resourceVersion", resourceVersion);
        json.WriteStartArray("finalizers");
        foreach (var one in finalizers)
            json.WriteStringValue(one);
        json.WriteEndArray();
        json.WriteEndObject();
    });
}
