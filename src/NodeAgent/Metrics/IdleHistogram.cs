using System.Collections.Immutable;
using Damon.Engine.Monitoring;
using Damon.Engine.Schemes;

namespace Damon.NodeAgent.Metrics;

/// <summary>
/// How much watched memory there is, by how long ago it was accessed. Every byte is in exactly one place: accessed, or idle in one bucket of age.
/// </summary>
/// <param name="AccessedBytes">Bytes of regions in which the latest aggregation saw an access.</param>
/// <param name="IdleBytes">Bytes of regions in which it saw none, by bucket; as many as there are <see cref="Buckets"/>.</param>
/// <remarks>
/// The age of a region is for how long its rate has been about the same, so idle memory is at least as long idle as its bucket says. Sensing begins at age 0: after a start, memory that has
/// been idle for days moves through the buckets like any other.
/// </remarks>
internal sealed record IdleHistogram(ulong AccessedBytes, ImmutableArray<ulong> IdleBytes)
{
    /// <summary>From which age on memory is in which bucket, ascending; the first is 0, and each ends where the next begins.</summary>
    public static ImmutableArray<TimeSpan> Buckets { get; } =
        [TimeSpan.Zero, TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2)];

    /// <summary>What was accessed within this time is the working set. It is the beginning of a bucket, so that the working set is a sum of whole buckets.</summary>
    public static TimeSpan WorkingSetWindow { get; } = TimeSpan.FromMinutes(2);

    /// <summary>No memory.</summary>
    public static IdleHistogram Empty { get; } = new(0, [.. new ulong[Buckets.Length]]);

    /// <summary>Everything that is watched.</summary>
    public ulong MonitoredBytes => IdleBytes.Aggregate(AccessedBytes, (sum, bytes) => sum + bytes);

    /// <summary>Bytes that were accessed within <see cref="WorkingSetWindow"/>.</summary>
    public ulong WorkingSetBytes => MonitoredBytes - IdleForBytes(WorkingSetWindow);

    /// <summary>Bytes that have been idle for at least as long.</summary>
    /// <param name="age">The beginning of a bucket.</param>
    public ulong IdleForBytes(TimeSpan age)
    {
        var sum = 0UL;
        for (var i = 0; i < Buckets.Length; i++)
        {
            sum += Buckets[i] >= age ? IdleBytes[i] : 0;
        }

        return sum;
    }

    /// <summary>The memory of a whole session.</summary>
    public static IdleHistogram Of(SessionSnapshot snapshot) => Of(snapshot.Targets);

    /// <summary>The memory of some targets, such as those of a pod.</summary>
    public static IdleHistogram Of(IEnumerable<TargetSnapshot> targets)
    {
        var histogram = new IdleHistogramBuilder();
        foreach (var target in targets)
        {
            foreach (var region in target.Regions)
            {
                histogram.Add(region.Range.SizeBytes, region.Rate > AccessRate.Never, region.Age);
            }
        }

        return histogram.Build();
    }

    /// <summary>The memory of both.</summary>
    public static IdleHistogram operator +(IdleHistogram left, IdleHistogram right) =>
        new(left.AccessedBytes + right.AccessedBytes, [.. left.IdleBytes.Zip(right.IdleBytes, (a, b) => a + b)]);

    /// <inheritdoc/>
    public bool Equals(IdleHistogram? other) => other is not null && AccessedBytes == other.AccessedBytes && IdleBytes.AsSpan().SequenceEqual(other.IdleBytes.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(AccessedBytes, MonitoredBytes);
}
