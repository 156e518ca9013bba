using System.Buffers;
using System.Globalization;
using System.Text;

namespace Damon.Hosting.Metrics;

/// <summary>
/// Writes metrics in Prometheus' text format, version 0.0.4: for each metric a HELP and a TYPE line, then a line a value. What would make a collector throw the whole page away cannot be written: a
/// second value of the same labels is left out, and every character of a label value is escaped or valid.
/// </summary>
/// <remarks>Format: https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format</remarks>
/// <param name="to">Where it is written.</param>
public sealed class MetricSamples(IBufferWriter<byte> to)
{
    /// <summary>The content type of the format.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly HashSet<string> _written = new(StringComparer.Ordinal);
    private readonly StringBuilder _labels = new();
    private MetricHeader? _header;

    /// <summary>Writes a metric that has a value; one that has none is left out, header and all.</summary>
    /// <param name="family">The metric.</param>
    /// <param name="figures">Where its values come from.</param>
    public void Write<TFigures>(MetricFamily<TFigures> family, TFigures figures)
    {
        _header = family;
        _written.Clear();
        family.Collect(this, figures);
    }

    /// <summary>Writes one value of the metric that is being written.</summary>
    /// <param name="value">The value; what is not a number is written as such.</param>
    /// <param name="labelValues">Values of the metric's labels, in their order.</param>
    /// <exception cref="ArgumentException">There are not as many values as labels.</exception>
    public void Add(double value, params ReadOnlySpan<string> labelValues)
    {
        var header = _header ?? throw new InvalidOperationException("No metric is being written.");
        if (labelValues.Length != header.Labels.Count)
        {
            throw new ArgumentException($"{header.Name} has {header.Labels.Count} labels, not {labelValues.Length}.", nameof(labelValues));
        }

        _labels.Clear();
        for (var i = 0; i < labelValues.Length; i++)
        {
            _labels.Append(i == 0 ? '{' : ',').Append(header.Labels[i]).Append("=\"");
            Escape(labelValues[i], escapeQuotes: true);
            _labels.Append(i == labelValues.Length - 1 ? "\"}" : "\"");
        }

        var labels = _labels.ToString();
        var isFirst = _written.Count == 0;
        if (!_written.Add(labels))
        {
            return;
        }

        if (isFirst)
        {
            WriteHeader(header);
        }

        Text($"{header.Name}{labels} {Number(value)}\n");
    }

    private static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        double.NaN => "NaN",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    private void WriteHeader(MetricHeader header)
    {
        _labels.Clear();
        Escape(header.Help, escapeQuotes: false);
        Text($"# HELP {header.Name} {_labels}\n# TYPE {header.Name} {(header.Type == MetricType.Counter ? "counter" : "gauge")}\n");
    }

    private void Escape(string text, bool escapeQuotes)
    {
        foreach (var character in text)
        {
            switch (character)
            {
                case '\\':
                    _labels.Append("\\\\");
                    break;
                case '\n':
                    _labels.Append("\\n");
                    break;
                case '"' when escapeQuotes:
                    _labels.Append("\\\"");
                    break;
                default:
                    _labels.Append(character);
                    break;
            }
        }
    }

    /// <summary>Half a surrogate pair becomes the replacement character: the output is always UTF-8.</summary>
    private void Text(string text) => Encoding.UTF8.GetBytes(text, to);
}
