using System.Text.Json;

namespace Damon.Workload.Events;

/// <summary>Writes JSON objects, one a line, each flushed before the next begins: a reader sees an event when it happens.</summary>
internal sealed class JsonLine : IDisposable
{
    private readonly Stream _output;
    private readonly Utf8JsonWriter _writer;

    public JsonLine(Stream output)
    {
        _output = output;
        _writer = new Utf8JsonWriter(output);
    }

    /// <summary>Writes one object.</summary>
    /// <param name="content">Writes its properties.</param>
    /// <exception cref="IOException">The reader has gone, or the disk is full.</exception>
    public void Write(Action<Utf8JsonWriter> content)
    {
        _writer.Reset();
        _writer.WriteStartObject();
        content(_writer);
        _writer.WriteEndObject();
        _writer.Flush();
        _output.WriteByte((byte)'\n');
        _output.Flush();
    }

    public void Dispose() => _writer.Dispose();
}
