using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Damon.Hosting.Processes;

/// <summary>A log of one JSON object a line: <c>time</c>, <c>level</c> (info, warn, error), <c>message</c>, and <c>exception</c> where there is one. For any thread.</summary>
/// <param name="output">Where lines go; flushed with each.</param>
/// <param name="time">The clock.</param>
public sealed class JsonLog(TextWriter output, TimeProvider time) : IProcessLog
{
    // Lines of two threads must not mix.
    private readonly Lock _lock = new();

    /// <inheritdoc/>
    public void Info(string message) => Write("info", message, exception: null);

    /// <inheritdoc/>
    public void Warn(string message) => Write("warn", message, exception: null);

    /// <summary>Something that must not happen, or that ends the process.</summary>
    public void Error(string message) => Write("error", message, exception: null);

    /// <summary>A bug: an exception that nothing expects.</summary>
    /// <param name="what">What was being done.</param>
    /// <param name="exception">The exception.</param>
    public void Unexpected(string what, Exception exception) => Write("error", what, exception);

    private void Write(string level, string message, Exception? exception)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("time", time.GetUtcNow());
            writer.WriteString("level", level);
            writer.WriteString("message", message);
            if (exception is not null)
            {
                writer.WriteString("exception", exception.ToString());
            }

            writer.WriteEndObject();
        }

        var line = Encoding.UTF8.GetString(buffer.WrittenSpan);
        lock (_lock)
        {
            output.WriteLine(line);
            output.Flush();
        }
    }
}
