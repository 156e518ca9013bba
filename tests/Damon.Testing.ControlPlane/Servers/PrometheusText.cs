using System.Globalization;

namespace Damon.Testing.ControlPlane.Servers;

/// <summary>Reads single figures from a page in Prometheus' text format.</summary>
public static class PrometheusText
{
    /// <summary>The sum over all series of a name whose labels hold all of these, as <c>verb="LIST"</c>; 0 where there is none.</summary>
    public static double Sum(string page, string name, params string[] labels) => Series(page, name, labels).Sum(series => series.Value);

    /// <summary>All series of a name whose labels hold all of these.</summary>
    public static IEnumerable<(string Labels, double Value)> Series(string page, string name, params string[] labels)
    {
        foreach (var line in page.Split('\n'))
        {
            if (!line.StartsWith(name, StringComparison.Ordinal) || line.Length == name.Length || line[name.Length] is not (' ' or '{'))
                continue;
            var end = line.LastIndexOf('}') + 1;
            var inBrackets = end > 0 ? line[name.Length..end] : "";
            var value = line[Math.Max(end, name.Length)..].Trim().Split(' ')[0];
            if (Array.TrueForAll(labels, label => inBrackets.Contains(label, StringComparison.Ordinal)))
                yield return (inBrackets, double.Parse(value, NumberStyles.Float, CultureInfo.InvariantCulture));
        }
    }

    /// <summary>The value of a label within the brackets of a series, or null.</summary>
    public static string? Label(string labels, string name)
    {
        var start = labels.IndexOf($"{name}=\"", StringComparison.Ordinal);
        if (start < 0)
            return null;
        start += name.Length + 2;
        return labels[start..labels.IndexOf('"', start)];
    }

    /// <summary>
    /// A quantile of a histogram, over all its series together and between two readings: the bound of the bucket that holds it, which is what the figures can say. Infinite where it lies above all bounds,
    /// not a number where nothing was observed.
    /// </summary>
    public static double Quantile(string before, string after, string name, double quantile)
    {
        var counts = new SortedDictionary<double, double>();
        foreach (var (page, sign) in ((string, int)[])[(before, -1), (after, 1)])
        {
            foreach (var (labels, value) in Series(page, $"{name}_bucket"))
            {
                var bound = Label(labels, "le") is { } text and not "+Inf" ? double.Parse(text, CultureInfo.InvariantCulture) : double.PositiveInfinity;
                counts[bound] = counts.GetValueOrDefault(bound) + (sign * value);
            }
        }

        if (counts.Count == 0 || counts.Last().Value <= 0)
            return double.NaN;
        var rank = quantile * counts.Last().Value;
        return counts.First(bucket => bucket.Value >= rank).Key;
    }
}
