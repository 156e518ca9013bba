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
        var labels = LabelsOf(labelValues);
        if (Begins(labels))
        {
            Text($"{_header!.Name}{labels} {Number(value)}\n");
        }
    }

    /// <summary>Writes a histogram of the metric that is being written: its buckets, the last one without an end, its sum and its count.</summary>
    /// <param name="bounds">The upper ends of the buckets, ascending.</param>
    /// <param name="counts">How many values are in each bucket alone; the last count is of those above all bounds.</param>
    /// <param name="sum">The sum of all values.</param>
    /// <param name="labelValues">Values of the metric's labels, in their order.</param>
    /// <exception cref="ArgumentException">There are not as many values as labels, or not one count more than bounds.</exception>
    public void AddHistogram(IReadOnlyList<double> bounds, IReadOnlyList<long> counts, double sum, params ReadOnlySpan<string> labelValues)
    {
        if (counts.Count != bounds.Count + 1)
        {
            throw new ArgumentException($"There are {bounds.Count} bounds and {counts.Count} counts.", nameof(counts));
        }

        var (header, labels) = (_header!, LabelsOf(labelValues));
        if (!Begins(labels))
        {
            return;
        }

        var open = labels.Length == 0 ? "{" : labels[..^1] + ",";
        var upTo = 0L;
        for (var i = 0; i < counts.Count; i++)
        {
            upTo += counts[i];
            Text($"{header.Name}_bucket{open}le=\"{(i < bounds.Count ? Number(bounds[i]) : "+Inf")}\"}} {Number(upTo)}\n");
        }

        Text($"{header.Name}_sum{labels} {Number(sum)}\n{header.Name}_count{labels} {Number(upTo)}\n");
    }

    private string LabelsOf(ReadOnlySpan<string> values)
    {
        var header = _header ?? throw new InvalidOperationException("No metric is being written.");
        if (values.Length != header.Labels.Count)
        {
            throw new ArgumentException($"{header.Name} has {header.Labels.Count} labels, not {values.Length}.", nameof(values));
        }

        _labels.Clear();
        for (var i = 0; i < values.Length; i++)
        {
            _labels.Append(i == 0 ? '{' : ',').Append(header.Labels[i]).Append("=\"");
            Escape(values[i], escapeQuotes: true);
            _labels.Append(i == values.Length - 1 ? "\"}" : "\"");
        }

        return _labels.ToString();
    }

    /// <returns>Whether a value of these labels may be written: there is none yet.</returns>
    private bool Begins(string labels)
    {
        if (!_written.Add(labels))
        {
            return false;
        }

        if (_written.Count == 1)
        {
            WriteHeader(_header!);
        }

        return true;
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
        Text($"# HELP {header.Name} {_labels}\n# TYPE {header.Name} {header.Type switch { MetricType.Counter => "counter", MetricType.Histogram => "histogram", _ => "gauge" }}\n");
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
