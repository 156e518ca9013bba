using System.Buffers;
using System.Text.Json;

namespace Damon.Operator.Json;

/// <summary>Small objects and patches as JSON.</summary>
internal static class JsonBytes
{
    /// <summary>Makes an object.</summary>
    /// <param name="write">Writes its fields.</param>
    public static byte[] OfObject(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
