namespace Damon.Engine.Schemes;

/// <summary>How much a scheme may do per interval; what does not fit waits for the next one.</summary>
public sealed record SchemeQuota
{
    /// <summary>Bytes per interval; 0 for no limit by size.</summary>
    public ulong SizeBytes { get; init; }

    /// <summary>Time that actions may take per interval, measured around the calls; zero for no limit by time.</summary>
    public TimeSpan Time { get; init; }

    /// <summary>The interval; above zero.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Weight of the access rate when regions are ranked; not negative.</summary>
    public int AccessRateWeight { get; init; } = 30;

    /// <summary>Weight of the age when regions are ranked; not negative.</summary>
    public int AgeWeight { get; init; } = 70;

    /// <summary>Whether there is any limit.</summary>
    public bool IsLimited => SizeBytes > 0 || Time > TimeSpan.Zero;
}
