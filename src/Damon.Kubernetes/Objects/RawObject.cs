using System.Text.Json;

namespace Damon.Kubernetes.Objects;

/// <summary>An object as the server sent it.</summary>
/// <param name="utf8">Its JSON, owned by this value.</param>
public sealed class RawObject(ReadOnlyMemory<byte> utf8)
{
    /// <summary>Its JSON.</summary>
    public ReadOnlyMemory<byte> Utf8 => utf8;

    /// <summary>Reads it as a document, which the caller disposes.</summary>
    public JsonDocument Parse() => JsonDocument.Parse(utf8);
}
