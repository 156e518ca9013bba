namespace Damon.Operator.Controllers;

/// <summary>
/// Tells the Off of an uninstallation that is under way from that of a former one. The first is set while an operator leads: one that has seen another mode before never lifts it, and one that took over or was
/// restarted meanwhile is gone before the time is over. The other one was there when the operator looked first, and still is after a while. Outlives terms: what a process has seen it knows.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class UninstallWatch(TimeProvider time)
{
    /// <summary>An uninstallation takes a minute at the most from Off to the end of the operator.</summary>
    internal static readonly TimeSpan Grace = TimeSpan.FromMinutes(2);

    private bool _hasSeenOther;
    private long? _seenAt;

    /// <summary>Notes what the configuration says.</summary>
    /// <param name="isOffByUninstall">Whether it is Off by an uninstallation.</param>
    /// <returns>After how long that may be lifted; null where it is not to be lifted.</returns>
    public TimeSpan? Note(bool isOffByUninstall)
    {
        if (!isOffByUninstall)
        {
            _hasSeenOther = true;
            return null;
        }

        var left = Grace - time.GetElapsedTime(_seenAt ??= time.GetTimestamp());
        return _hasSeenOther ? null : left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}
