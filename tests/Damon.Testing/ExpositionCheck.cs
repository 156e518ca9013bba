using System.Globalization;
using System.Text.RegularExpressions;

namespace Damon.Testing;

/// <summary>What is wrong with a page of metrics: the rules of the text format, and those of naming that Prometheus' own linter has.</summary>
/// <remarks>https://prometheus.io/docs/instrumenting/exposition_formats/ and https://prometheus.io/docs/practices/naming/</remarks>
public static partial class ExpositionCheck
{
    private static readonly string[] OtherUnits = ["milliseconds", "microseconds", "minutes", "hours", "kilobytes", "megabytes", "kib", "mib", "percent", "ms"];

    /// <param name="page">The page.</param>
    /// <param name="prefix">What every name begins with.</param>
    public static IReadOnlyList<string> Problems(string page, string prefix = "damon_agent_")
    {
        var histograms = new Dictionary<string, (double Last, double Count)>(StringComparer.Ordinal);
        var problems = new List<string>();
        var headed = new Dictionary<string, string>(StringComparer.Ordinal);
        var series = new HashSet<string>(StringComparer.Ordinal);
        var (help, type, samples) = ("", "", 0);
        if (!page.EndsWith('\n') || page.Contains('\r'))
        {
            problems.Add("lines end with a line feed, the last one too");
        }

        foreach (var line in page.Split('\n')[..^1])
        {
            if (HelpLine().Match(line) is { Success: true } helpLine)
            {
                help = helpLine.Groups["name"].Value;
                Require(!headed.ContainsKey(help), $"{help} has two HELP lines, or its values are in two places");
                Require(helpLine.Groups["text"].Value.Length > 0, $"{help} has no help");
                Require(type.Length == 0 || samples > 0, $"{type} has a header and no value");
                samples = 0;
            }
            else if (TypeLine().Match(line) is { Success: true } typeLine)
            {
                type = typeLine.Groups["name"].Value;
                Require(type == help, $"the TYPE of {type} does not follow its HELP");
                headed[type] = typeLine.Groups["type"].Value;
                CheckName(type, headed[type], prefix, Require);
            }
            else if (SampleLine().Match(line) is { Success: true } sample)
            {
                var name = sample.Groups["name"].Value;
                samples++;
                var isHistogram = headed.GetValueOrDefault(type) == "histogram";
                var isBucket = isHistogram && name == type + "_bucket";
                Require(isHistogram ? isBucket || name == type + "_sum" || name == type + "_count" : name == type, $"{name} does not stand below its own TYPE");
                if (isHistogram)
                {
                    Follow(histograms, name, sample.Groups["labels"].Value, double.Parse(sample.Groups["value"].Value, CultureInfo.InvariantCulture), Require);
                }

                Require(series.Add(name + sample.Groups["labels"].Value), $"{name}{sample.Groups["labels"].Value} is there twice");
                var labels = Label().Matches(sample.Groups["labels"].Value).Select(label => label.Groups["label"].Value).ToList();
                Require(labels.Count == labels.Distinct().Count(), $"{name} has a label twice");
                Require(labels.TrueForAll(label => !label.StartsWith("__", StringComparison.Ordinal) && (label != "le" || isBucket) && label is not "quantile" and not "job" and not "instance"), $"{name} has a reserved label");
                Require(headed.GetValueOrDefault(name) != "counter" || !sample.Groups["value"].Value.StartsWith('-'), $"{name} is a counter below 0");
            }
            else
            {
                problems.Add($"not a line of the format: {line}");
            }
        }

        Require(samples > 0, "the last metric has no value");
        return problems;

        void Require(bool isGood, string problem)
        {
            if (!isGood)
            {
                problems.Add(problem);
            }
        }
    }

    /// <summary>The values of one page, by name and labels as they are written.</summary>
    public static IReadOnlyDictionary<string, double> Values(string page) => page.Split('\n').Select(line => SampleLine().Match(line)).Where(match => match.Success)
        .ToDictionary(match => match.Groups["name"].Value + match.Groups["labels"].Value, match => double.Parse(match.Groups["value"].Value, CultureInfo.InvariantCulture));

    /// <summary>Buckets only grow, and the last one has as many as the count says.</summary>
    private static void Follow(Dictionary<string, (double Last, double Count)> histograms, string name, string labels, double value, Action<bool, string> require)
    {
        var series = BoundLabel().Replace(labels, "").Replace("{}", "", StringComparison.Ordinal);
        var key = name[..name.LastIndexOf('_')] + series;
        var known = histograms.GetValueOrDefault(key, (0, -1));
        if (name.EndsWith("_bucket", StringComparison.Ordinal))
        {
            require(value >= known.Item1, $"{key} has a bucket with fewer than the one below it");
            histograms[key] = (value, labels.Contains("le=\"+Inf\"", StringComparison.Ordinal) ? value : -1);
        }
        else if (name.EndsWith("_count", StringComparison.Ordinal))
        {
            require(known.Item2.Equals(value), $"{key} has not as many in its last bucket as its count says");
        }
    }

    private static void CheckName(string name, string type, string prefix, Action<bool, string> require)
    {
        require(name.StartsWith(prefix, StringComparison.Ordinal), $"{name} does not begin with {prefix}");
        require(!name.Any(char.IsUpper), $"{name} is not in lower case");
        require(type is "counter" or "gauge" or "histogram", $"{name} is a {type}");
        require(type == "counter" == name.EndsWith("_total", StringComparison.Ordinal), $"{name} is a {type}: counters and they alone end in _total");
        require(!name.Split('_').Intersect(OtherUnits).Any(), $"{name} is not in a base unit");
        require(!name.Contains("_bytes", StringComparison.Ordinal) || Suffix(name) == "bytes", $"{name} has its unit elsewhere than at the end");
        require(!name.Contains("_seconds", StringComparison.Ordinal) || Suffix(name) == "seconds", $"{name} has its unit elsewhere than at the end");
        require(!name.Contains("_count", StringComparison.Ordinal) && !name.EndsWith("_sum", StringComparison.Ordinal) && !name.EndsWith("_bucket", StringComparison.Ordinal), $"{name} ends as a histogram's values do");
    }

    private static string Suffix(string name) => (name.EndsWith("_total", StringComparison.Ordinal) ? name[..^6] : name).Split('_')[^1];

    [GeneratedRegex("""^# HELP (?<name>[a-zA-Z_:][a-zA-Z0-9_:]*) (?<text>([^\\]|\\\\|\\n)*)$""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex HelpLine();

    [GeneratedRegex("""^# TYPE (?<name>[a-zA-Z_:][a-zA-Z0-9_:]*) (?<type>counter|gauge|histogram|summary|untyped)$""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex TypeLine();

    [GeneratedRegex(
        """^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?<labels>(\{[a-zA-Z_][a-zA-Z0-9_]*="([^"\\]|\\\\|\\n|\\")*"(,[a-zA-Z_][a-zA-Z0-9_]*="([^"\\]|\\\\|\\n|\\")*")*\})?) (?<value>NaN|[+-]Inf|-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?)$""",
        RegexOptions.ExplicitCapture,
        1000)]
    private static partial Regex SampleLine();

    [GeneratedRegex(",?le=\"[^\"]*\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex BoundLabel();

    [GeneratedRegex("""(?<label>[a-zA-Z_][a-zA-Z0-9_]*)="([^"\\]|\\\\|\\n|\\")*"[,}]""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Label();
}
