using Damon.Engine.Host;

namespace Damon.NodeAgent.Safety;

/// <summary>
/// Leaves anonymous memory of the whole machine alone while swap is short, is being filled by somebody else, or is not there. File-backed memory may go all the same: it needs no swap.
/// </summary>
/// <remarks>
/// Swap-out of others is what /proc/vmstat counts (pswpout, or zswpout where the kernel compresses into zswap first: the larger of the two, because a page may go through both) less what our own actions
/// measured, over ten seconds: an action is measured a little before or after its pages are counted.
/// </remarks>
/// <param name="host">The host.</param>
/// <param name="pageBytes">The machine's page size.</param>
/// <param name="reader">The thread's reader.</param>
/// <param name="time">The clock.</param>
internal sealed class SwapRail(HostRoot host, ulong pageBytes, HostReader reader, TimeProvider time) : IDisposable
{
    private const int Parts = 10;

    private static readonly TimeSpan ReadEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RateWindow = TimeSpan.FromSeconds(10);

    private readonly KernelText _meminfo = new(host, "/proc/meminfo", reader);
    private readonly KernelText _vmstat = new(host, "/proc/vmstat", reader);
    private readonly CounterWindow _window = new(time, Parts);
    private readonly RailLatch _low = new();
    private readonly RailLatch _busy = new();
    private RailState _state = RailState.Clear;
    private string _lowReason = "", _busyReason = "";
    private long? _readAt;

    /// <summary>What holds anonymous memory; nothing where it may go.</summary>
    /// <param name="limits">The limits.</param>
    /// <param name="ownSwappedBytes">Anonymous memory that our actions brought to swap so far, as measured, on this machine.</param>
    public RailState Check(SafetyLimits limits, ulong ownSwappedBytes)
    {
        if (_readAt is { } at && time.GetElapsedTime(at) < ReadEvery)
        {
            return _state;
        }

        _readAt = time.GetTimestamp();
        return _state = Judge(limits, ownSwappedBytes);
    }

    public void Dispose()
    {
        _meminfo.Dispose();
        _vmstat.Dispose();
    }

    private RailState Judge(SafetyLimits limits, ulong ownSwappedBytes)
    {
        var read = _meminfo.Read(out var content);
        Meminfo meminfo = default;
        if (read == HostErrorKind.None && !Meminfo.TryParse(content, out meminfo))
        {
            read = HostErrorKind.Malformed;
        }

        if (read != HostErrorKind.None)
        {
            return CannotSee(limits, _meminfo.Path, read);
        }

        if (meminfo.SwapTotalBytes == 0)
        {
            return RailState.Held(SafetyRail.NoSwap, "the machine has no swap");
        }

        var freePercent = 100.0 * meminfo.SwapFreeBytes / meminfo.SwapTotalBytes;
        if (_low.Update(freePercent < limits.SwapFreePercent, limits.Calm, time))
        {
            _lowReason = $"{freePercent:0.#} % of swap is free";
        }

        read = _vmstat.Read(out content);
        ulong swappedPages = 0;
        if (read == HostErrorKind.None && !FlatKeyed.TryGet(content, "pswpout"u8, out swappedPages))
        {
            read = HostErrorKind.Malformed;
        }

        if (read != HostErrorKind.None)
        {
            return CannotSee(limits, _vmstat.Path, read);
        }

        // Not every kernel has zswap; then the key is missing, and nothing goes there.
        _ = FlatKeyed.TryGet(content, "zswpout"u8, out var compressedPages);
        _window.Add(Math.Max(swappedPages, compressedPages), ownSwappedBytes, RateWindow);
        var seconds = Math.Max(1, _window.Elapsed.TotalSeconds);
        var foreign = (((double)_window.FirstGrowth * pageBytes) - _window.SecondGrowth) / seconds;
        if (_busy.Update(foreign > limits.ForeignSwapOutBytesPerSecond, limits.Calm, time))
        {
            _busyReason = $"others swap out {foreign / (1 << 20):0.#} MiB a second";
        }

        return _low.IsHolding ? RailState.Held(SafetyRail.SwapLow, _lowReason)
            : _busy.IsHolding ? RailState.Held(SafetyRail.SwapBusy, _busyReason)
            : RailState.Clear;
    }

    private RailState CannotSee(SafetyLimits limits, string path, HostErrorKind error)
    {
        _low.Extend(time);
        _busy.Extend(time);
        return Unmeasurable.Judge(limits, path, error);
    }
}
