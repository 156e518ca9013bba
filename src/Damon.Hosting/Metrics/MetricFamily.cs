namespace Damon.Hosting.Metrics;

/// <summary>One metric: its name, what it means, and where its values come from.</summary>
/// <typeparam name="TFigures">Where they come from.</typeparam>
/// <param name="Name">With the unit as its suffix, and <c>_total</c> after it for counters.</param>
/// <param name="Type">What its values mean.</param>
/// <param name="Help">One sentence for people; it goes out with the values and into the reference.</param>
/// <param name="Labels">Names of its labels, in the order in which values are given.</param>
/// <param name="Collect">Writes its values.</param>
public record MetricFamily<TFigures>(string Name, MetricType Type, string Help, IReadOnlyList<string> Labels, Action<MetricSamples, TFigures> Collect)
    : MetricHeader(Name, Type, Help, Labels);
