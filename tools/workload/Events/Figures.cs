namespace Damon.Workload.Events;

/// <summary>Figures as they are written out.</summary>
internal static class Figures
{
    /// <summary>Milliseconds with microseconds behind the point: finer is below what a run can promise.</summary>
    public static double Milliseconds(TimeSpan time) => Math.Round(time.TotalMilliseconds, 3);

    /// <summary>A rate over a time; 0 over no time.</summary>
    public static double PerSecond(long count, TimeSpan time) => time <= TimeSpan.Zero ? 0 : Math.Round(count / time.TotalSeconds, 1);

    /// <summary>Sizes in the largest unit that leaves at least 1 before the point.</summary>
    public static string Bytes(ulong bytes) => bytes switch
    {
        >= 1UL << 30 => $"{bytes / (double)(1UL << 30):0.##} GiB",
        >= 1UL << 20 => $"{bytes / (double)(1UL << 20):0.##} MiB",
        _ => $"{bytes / (double)(1UL << 10):0.##} KiB",
    };
}
