using Damon.Engine.Host;

namespace Damon.NodeAgent.Safety;

/// <summary>
/// Keeps a control group's memory above its floor: a share of the memory request, the group's own memory.min and memory.low, and a fixed amount, whichever is the most. It says how much may still go.
/// Advice to page out heeds none of these in the kernel, and memory.reclaim only the group's protection.
/// </summary>
/// <param name="host">The host.</param>
/// <param name="directory">The group's directory, as on the host.</param>
/// <param name="requestBytes">The memory request; 0 where there is none.</param>
/// <param name="reader">The thread's reader.</param>
/// <param name="time">The clock.</param>
internal sealed class FloorRail(HostRoot host, string directory, ulong requestBytes, HostReader reader, TimeProvider time) : IDisposable
{
    /// <summary>Protection is written by the kubelet when a pod starts, and seldom changed.</summary>
    private static readonly TimeSpan ProtectionEvery = TimeSpan.FromSeconds(30);

    private readonly KernelText _current = new(host, directory + "/memory.current", reader);
    private readonly KernelText _min = new(host, directory + "/memory.min", reader);
    private readonly KernelText _low = new(host, directory + "/memory.low", reader);
    private ulong _protectedBytes;
    private long? _protectionAt;

    /// <summary>The memory request; 0 where there is none.</summary>
    public ulong RequestBytes { get; set; } = requestBytes;

    /// <summary>How many bytes may still leave; what is unmeasurable and accepted counts as no bound.</summary>
    public ulong HeadroomBytes { get; private set; }

    /// <summary>The memory that stays.</summary>
    public ulong FloorBytes { get; private set; }

    /// <summary>Why nothing can be said, where that is so.</summary>
    public HostErrorKind Error { get; private set; }

    public RailState Check(SafetyLimits limits)
    {
        var read = Read(_current, out var current);
        if (read.Kind == HostErrorKind.None && (_protectionAt is not { } at || time.GetElapsedTime(at) >= ProtectionEvery))
        {
            read = Read(_min, out var min);
            if (read.Kind == HostErrorKind.None)
            {
                read = Read(_low, out var low);
                _protectedBytes = Math.Max(min, low);
            }

            _protectionAt = read.Kind == HostErrorKind.None ? time.GetTimestamp() : null;
        }

        Error = read.Kind;
        if (Error != HostErrorKind.None)
        {
            var state = Unmeasurable.Judge(limits, read.Path, Error);
            HeadroomBytes = state.Rail is null ? ulong.MaxValue : 0;
            return state;
        }

        var ofRequest = Math.Ceiling(RequestBytes * limits.FloorPercentOfRequest / 100);
        FloorBytes = Math.Max(Math.Max(_protectedBytes, limits.FloorBytes), ofRequest >= ulong.MaxValue ? ulong.MaxValue : (ulong)ofRequest);
        HeadroomBytes = current > FloorBytes ? current - FloorBytes : 0;
        return RailState.Clear;
    }

    /// <summary>Takes what has just left into account, until it is measured again.</summary>
    public void Charge(ulong bytes) => HeadroomBytes -= Math.Min(HeadroomBytes, HeadroomBytes == ulong.MaxValue ? 0 : bytes);

    public void Dispose()
    {
        _current.Dispose();
        _min.Dispose();
        _low.Dispose();
    }

    private static (HostErrorKind Kind, string Path) Read(KernelText file, out ulong bytes)
    {
        bytes = 0;
        var read = file.Read(out var content);
        return (read == HostErrorKind.None && !CgroupValue.TryParse(content, out bytes) ? HostErrorKind.Malformed : read, file.Path);
    }
}
