using Damon.Engine.Host;

namespace Damon.NodeAgent.Safety;

/// <summary>
/// Holds actions back while the machine is short of memory: pressure stall information says that some task waited for memory in more than 1 % of the
/// last 10 s, or 0.5 % of the last minute. After that it wants two minutes of calm.
/// </summary>
/// <param name="host">The host.</param>
/// <param name="time">The clock.</param>
/// <param name="acceptsUnmeasurable">Whether a machine without pressure information may be acted on all the same.</param>
public sealed class PressureRail(HostRoot host, TimeProvider time, bool acceptsUnmeasurable)
{
    private const string Path = "/proc/pressure/memory";
    private const double MaxAverage10Percent = 1;
    private const double MaxAverage60Percent = 0.5;

    private static readonly TimeSpan Calm = TimeSpan.FromMinutes(2);

    /// <summary>The kernel refreshes its averages every two seconds; reading more often tells nothing new.</summary>
    private static readonly TimeSpan ReadEvery = TimeSpan.FromSeconds(1);

    private readonly HostReader _reader = new(maxBytes: 4096);
    private SafetyRail? _holding;
    private long _readAt;
    private long _lastPressure;
    private bool _hasRead;
    private bool _hadPressure;

    /// <summary>How often it began to hold.</summary>
    public ulong Trips { get; private set; }

    /// <summary>Which rail holds now; nothing where actions may go on.</summary>
    public SafetyRail? Check()
    {
        if (_hasRead && time.GetElapsedTime(_readAt) < ReadEvery)
        {
            return _holding;
        }

        _hasRead = true;
        _readAt = time.GetTimestamp();
        var before = _holding;
        _holding = Read();
        if (_holding is not null && before is null)
        {
            Trips++;
        }

        return _holding;
    }

    private SafetyRail? Read()
    {
        if (!host.Read(Path, _reader).IsOk || !Pressure.TryParse(_reader.Content, out var pressure))
        {
            return acceptsUnmeasurable ? null : SafetyRail.RailUnmeasurable;
        }

        if (pressure.Some.Average10Percent > MaxAverage10Percent || pressure.Some.Average60Percent > MaxAverage60Percent)
        {
            _hadPressure = true;
            _lastPressure = time.GetTimestamp();
            return SafetyRail.Pressure;
        }

        return _hadPressure && time.GetElapsedTime(_lastPressure) < Calm ? SafetyRail.Pressure : null;
    }
}
