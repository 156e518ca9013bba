using Damon.Hosting.Metrics;

namespace Damon.NodeAgent.Metrics;

/// <summary>One of the agent's metrics: its name, what it means, and where its values come from.</summary>
/// <param name="Name">With the unit as its suffix, and <c>_total</c> after it for counters.</param>
/// <param name="Type">What its values mean.</param>
/// <param name="Help">One sentence for people; it goes out with the values and into the reference.</param>
/// <param name="Labels">Names of its labels, in the order in which values are given.</param>
/// <param name="Collect">Writes its values.</param>
internal sealed record MetricFamily(string Name, MetricType Type, string Help, IReadOnlyList<string> Labels, Action<MetricSamples, AgentFigures> Collect)
    : MetricFamily<AgentFigures>(Name, Type, Help, Labels, Collect)
{
    /// <summary>Which pods it is told of; a metric of single pods only of those that have series.</summary>
    public MetricPods Pods { get; init; }
}
