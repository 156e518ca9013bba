using Damon.Engine.Recordings;

namespace Damon.Interchange;

/// <summary>Snapshots that belong together: what becomes one segment of a recording.</summary>
/// <param name="Segment">The segment.</param>
/// <param name="Snapshots">In the order of their time.</param>
public sealed record RecordedRun(RecordedSegment Segment, IReadOnlyList<RecordedSnapshot> Snapshots);
