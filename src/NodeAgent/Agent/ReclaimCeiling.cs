namespace Damon.NodeAgent.Agent;

/// <summary>How much all schemes together may take from memory in a minute (the cluster's ceiling reclaimPerNode).</summary>
/// <param name="time">The clock.</param>
internal sealed class ReclaimCeiling(TimeProvider time)
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private long? _since;
    private ulong _taken;
    private ulong _windows;

    /// <summary>Bytes per minute; <see cref="ulong.MaxValue"/> for no ceiling.</summary>
    public ulong MaxBytes { get; set; } = ulong.MaxValue;

    /// <summary>What may still be taken in this minute.</summary>
    public ulong LeftBytes
    {
        get
        {
            Roll();
            return MaxBytes == ulong.MaxValue ? ulong.MaxValue : MaxBytes > _taken ? MaxBytes - _taken : 0;
        }
    }

    /// <summary>Notes what was taken.</summary>
    public void Charge(ulong bytes) => _taken = bytes > ulong.MaxValue - _taken ? ulong.MaxValue : _taken + bytes;

    /// <summary>Sets aside what may be granted to the kernel next: nobody else can take it meanwhile.</summary>
    /// <param name="reserved">What stands; gets what may be granted.</param>
    /// <param name="mostBytes">The most that could be used.</param>
    public void Reserve(ref ReclaimReservation reserved, ulong mostBytes)
    {
        Roll();
        if (reserved.Window != _windows)
        {
            // The minute in which it was set aside is over; it may be used in this one.
            Charge(reserved.Bytes);
        }

        var asked = Math.Min(LeftBytes, mostBytes);
        Charge(asked);
        reserved = new ReclaimReservation(reserved.Bytes, asked, _windows);
    }

    /// <summary>Gives back what was set aside and not used.</summary>
    /// <param name="reserved">What was set aside.</param>
    /// <param name="usedBytes">What was taken, and what still may be.</param>
    /// <param name="standsBytes">Of it, what still may be.</param>
    public void Settle(ref ReclaimReservation reserved, ulong usedBytes, ulong standsBytes)
    {
        Roll();
        if (reserved.Window == _windows)
        {
            _taken -= Math.Min(_taken, reserved.Bytes + reserved.AskedBytes);
        }

        Charge(usedBytes);
        reserved = new ReclaimReservation(standsBytes, 0, _windows);
    }

    private void Roll()
    {
        if (_since is not { } since || time.GetElapsedTime(since) >= Window)
        {
            (_since, _taken) = (time.GetTimestamp(), 0);
            _windows++;
        }
    }
}
