using Damon.Engine.Host;

namespace Damon.NodeAgent.Safety;

/// <summary>A pressure file, read at most once a second: the kernel refreshes its averages every two, and two rails look at the same file.</summary>
/// <param name="host">The host.</param>
/// <param name="path">Such as <c>/proc/pressure/memory</c>, or a control group's <c>memory.pressure</c>.</param>
/// <param name="reader">The thread's reader.</param>
/// <param name="time">The clock.</param>
internal sealed class PressureGauge(HostRoot host, string path, HostReader reader, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan ReadEvery = TimeSpan.FromSeconds(1);

    private readonly KernelText _file = new(host, path, reader);
    private Pressure _value;
    private long? _readAt;

    public string Path => path;

    /// <summary>Why there is no value; none where there is.</summary>
    public HostErrorKind Error { get; private set; }

    /// <summary>Gives the last reading, or a new one where that is a second old.</summary>
    public bool TryRead(out Pressure pressure)
    {
        if (_readAt is not { } readAt || time.GetElapsedTime(readAt) >= ReadEvery)
        {
            _readAt = time.GetTimestamp();
            Error = _file.Read(out var content);
            if (Error == HostErrorKind.None && !Pressure.TryParse(content, out _value))
            {
                Error = HostErrorKind.Malformed;
            }
        }

        pressure = _value;
        return Error == HostErrorKind.None;
    }

    public void Dispose() => _file.Dispose();
}
