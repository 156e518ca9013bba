namespace Damon.Hosting.Metrics;

/// <summary>What a metric is called and what it means.</summary>
/// <param name="Name">With the unit as its suffix, and <c>_total</c> after it for counters.</param>
/// <param name="Type">What its values mean.</param>
/// <param name="Help">One sentence for people; it goes out with the values and into the reference.</param>
/// <param name="Labels">Names of its labels, in the order in which values are given.</param>
public record MetricHeader(string Name, MetricType Type, string Help, IReadOnlyList<string> Labels);
