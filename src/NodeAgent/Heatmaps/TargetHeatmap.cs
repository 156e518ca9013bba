using Damon.Engine.Regions;

namespace Damon.NodeAgent.Heatmaps;

/// <summary>The access rates of one address space over time. Immutable.</summary>
/// <param name="Target">The number under which it is watched: its process id.</param>
/// <param name="Container">The container's name.</param>
/// <param name="RowDuration">The time that one row stands for.</param>
/// <param name="BytesPerColumn">The addresses that one column stands for.</param>
/// <param name="Axis">The addresses, without the gaps between them.</param>
/// <param name="Rows">From the oldest to the newest, each with a rate from 0 to 1 per column.</param>
internal sealed record TargetHeatmap(
    int Target, string Container, TimeSpan RowDuration, ulong BytesPerColumn, IReadOnlyList<AddressRange> Axis, IReadOnlyList<IReadOnlyList<double>> Rows);
