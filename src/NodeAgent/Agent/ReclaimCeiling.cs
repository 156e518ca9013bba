namespace Damon.NodeAgent.Agent;

/// <summary>How much all schemes together may take from memory in a minute (the cluster's ceiling reclaimPerNode).</summary>
/// <param name="time">The clock.</param>
internal sealed class ReclaimCeiling(TimeProvider time)
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private long? _since;
    private ulong _taken;

    /// <summary>Bytes per minute; <see cref="ulong.MaxValue"/> for no ceiling.</summary>
    public ulong MaxBytes { get; set; } = ulong.MaxValue;

    /// <summary>What may still be taken in this minute.</summary>
    public ulong LeftBytes
    {
        get
        {
            if (_since is not { } since || time.GetElapsedTime(since) >= Window)
            {
                (_since, _taken) = (time.GetTimestamp(), 0);
            }

            return MaxBytes == ulong.MaxValue ? ulong.MaxValue : MaxBytes > _taken ? MaxBytes - _taken : 0;
        }
    }

    /// <summary>Notes what was taken.</summary>
    public void Charge(ulong bytes) => _taken = bytes > ulong.MaxValue - _taken ? ulong.MaxValue : _taken + bytes;
}
