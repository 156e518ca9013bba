using System.Diagnostics.CodeAnalysis;
using Damon.Engine.Host;
using Damon.Engine.Monitoring;
using Damon.Engine.Recordings;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;

namespace Damon.Cli.Recordings;

/// <summary>The recording of a run. When it fails the user is told at once, and the run goes on.</summary>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "A file that the user names is not part of the host that is sampled.")]
internal sealed class RunRecording : ISessionObserver, IDisposable
{
    private readonly string _path;
    private readonly FileStream _stream;
    private readonly SessionRecorder _recorder;
    private readonly TextWriter _errors;
    private bool _told;

    private RunRecording(string path, FileStream stream, RecordingWriter writer, int every, HostRoot host, TextWriter errors)
    {
        _path = path;
        _stream = stream;
        _errors = errors;
        _recorder = new SessionRecorder(writer, every, target => host.ReadText($"/proc/{target.Id}/comm").TryGet(out var name) ? name.TrimEnd('\n') : "");
    }

    /// <summary>Begins or continues the file.</summary>
    /// <returns>The recording, or nothing after the error was written.</returns>
    public static RunRecording? Open(string path, int every, MonitoringPlan plan, HostRoot host, CliEnvironment environment, CancellationToken cancellation)
    {
        var (stream, error) = RecordingFile.OpenToAppend(path);
        if (stream is null)
        {
            environment.Error.WriteLine($"--record: {error}");
            return null;
        }

        var segment = new RecordedSegment
        {
            Began = environment.Time.GetUtcNow(),
            Every = every,
            SchemesResetAges = plan.Schemes.Any(scheme => scheme.Action != SchemeAction.Stat),
        };
        RecordingOpening opening;
        try
        {
            opening = RecordingWriter.Open(stream, segment, cancellation);
        }
        catch (OperationCanceledException)
        {
            stream.Dispose();
            environment.Error.WriteLine($"--record: {path}: interrupted while it was checked");
            return null;
        }

        if (opening.Writer is not { } writer)
        {
            stream.Dispose();
            environment.Error.WriteLine($"--record: {path}: {opening.Error}; it cannot be continued, name another file");
            return null;
        }

        if (opening.DroppedBytes > 0)
        {
            environment.Error.WriteLine($"--record: {path}: its last record was not written whole and was cut off ({opening.DroppedBytes} bytes)");
        }

        return new RunRecording(path, stream, writer, every, host, environment.Error);
    }

    public void OnAggregated(MonitoringSession session)
    {
        _recorder.OnAggregated(session);
        if (_recorder.HasFailed && !_told)
        {
            _told = true;
            _errors.WriteLine($"--record: {_path}: {_recorder.LastError}; recording has ended after {_recorder.Snapshots} snapshots, the run goes on");
            _errors.Flush();
        }
    }

    public void OnMatched(SchemeRun scheme, SessionTarget target, AddressRange range, ulong reachableBytes)
    {
        // What was found is recorded, not what was done.
    }

    /// <summary>Brings the file to the disk and says what is missing in it.</summary>
    /// <returns>Whether everything was recorded.</returns>
    public bool Close()
    {
        if (_recorder.LeftOut > 0)
        {
            _errors.WriteLine($"--record: {_path}: {_recorder.LeftOut} snapshots were left out, the last one because {_recorder.LastError}");
        }

        if (_recorder.HasFailed)
        {
            return false;
        }

        try
        {
            _stream.Flush(flushToDisk: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _errors.WriteLine($"--record: {_path}: {e.Message}");
            return false;
        }

        return _recorder.LeftOut == 0;
    }

    public void Dispose() => _stream.Dispose();
}
