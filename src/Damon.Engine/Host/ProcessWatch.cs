namespace Damon.Engine.Host;

/// <summary>Tells whether a process still is the one it was when the watch was opened: one small read per question, no allocation.</summary>
public sealed class ProcessWatch : IDisposable
{
    private readonly HostFile _stat;

    private ProcessWatch(HostFile stat, ProcessIdentity identity, ProcessImage image)
    {
        _stat = stat;
        Identity = identity;
        Image = image;
    }

    /// <summary>Which process.</summary>
    public ProcessIdentity Identity { get; }

    /// <summary>Which program image it ran when the watch was opened.</summary>
    public ProcessImage Image { get; }

    /// <summary>Opens a watch on whatever process has this pid now.</summary>
    /// <param name="host">The host.</param>
    /// <param name="pid">The pid.</param>
    public static HostResult<ProcessWatch> Open(HostRoot host, int pid)
    {
        var opened = host.Open($"/proc/{pid}/stat");
        if (!opened.TryGet(out var file))
        {
            return opened.Error;
        }

        var reader = ThreadBuffers.Own.Reader;
        var read = reader.Read(file);

        // A file that speaks of another pid is not this process's, wherever it came from: its identity would be another process's.
        var stat = default(ProcStat);
        var isIts = read.IsOk && ProcStat.TryParse(reader.Content, out stat) && stat.Pid == pid;
        if (!isIts || stat.HasEnded)
        {
            var error = !read.IsOk ? read.Error
                : reader.Content.IsEmpty ? new HostError(HostErrorKind.Vanished, file.Path)
                : isIts ? new HostError(HostErrorKind.Vanished, file.Path, "the process has ended")
                : new HostError(HostErrorKind.Malformed, file.Path);
            file.Dispose();
            return error;
        }

        return new ProcessWatch(file, stat.Identity, stat.Image);
    }

    /// <summary>Opens a watch on a process that was found earlier.</summary>
    /// <param name="host">The host.</param>
    /// <param name="expected">Which process it must be; another one under its pid is <see cref="HostErrorKind.Vanished"/>.</param>
    public static HostResult<ProcessWatch> Open(HostRoot host, ProcessIdentity expected)
    {
        var opened = Open(host, expected.Pid);
        if (opened.TryGet(out var watch) && watch.Identity != expected)
        {
            watch.Dispose();
            return new HostError(HostErrorKind.Vanished, $"/proc/{expected.Pid}", "the pid belongs to another process now");
        }

        return opened;
    }

    /// <summary>Asks now.</summary>
    public ProcessLife Check()
    {
        var reader = ThreadBuffers.Own.Reader;
        var read = reader.Read(_stat);
        if (!read.IsOk)
        {
            return read.Error.Kind == HostErrorKind.Vanished ? ProcessLife.Exited : ProcessLife.Unknown;
        }

        if (!ProcStat.TryParse(reader.Content, out var stat))
        {
            return reader.Content.IsEmpty ? ProcessLife.Exited : ProcessLife.Unknown;
        }

        return stat.HasEnded || stat.Identity != Identity ? ProcessLife.Exited
            : stat.Image != Image ? ProcessLife.ReplacedByExec
            : ProcessLife.Same;
    }

    /// <inheritdoc/>
    public void Dispose() => _stat.Dispose();
}
