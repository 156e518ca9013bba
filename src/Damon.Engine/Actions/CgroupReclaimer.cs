using Damon.Engine.Host;
using Damon.Engine.Monitoring;

namespace Damon.Engine.Actions;

/// <summary>
/// Reclaims from one control group through <c>memory.reclaim</c> (cgroup v2, Linux 5.19), which takes an amount and lets the kernel choose the pages. The effect is what <c>memory.current</c> fell
/// by, and never more than was asked for: what else falls is the group's own doing. What the group's processes fault in meanwhile hides a part of it.
/// </summary>
/// <remarks>A write returns only when the kernel has reclaimed or given up: the calling thread waits, for each step anew. Needs the right to write the file.</remarks>
public sealed class CgroupReclaimer : IDisposable
{
    /// <summary>The most that is asked for in one write, 4 MiB: it bounds how long one write takes, and how much too much can be taken.</summary>
    public const ulong MaxStepBytes = 4UL << 20;

    private readonly string _directory;
    private readonly IReclaimFiles _files;

    internal CgroupReclaimer(string directory, IReclaimFiles files)
    {
        _directory = directory;
        _files = files;
    }

    /// <summary>Why the last call did not do all that was asked, for people; empty where it did.</summary>
    public string LastError { get; private set; } = "";

    /// <summary>Opens the files of one certain group.</summary>
    /// <param name="host">The host.</param>
    /// <param name="group">Which one it must be.</param>
    /// <returns>As the other one; <see cref="HostErrorKind.Vanished"/> also where another group has its name.</returns>
    public static HostResult<CgroupReclaimer> Open(HostRoot host, ControlGroup group)
    {
        var opened = Open(host, group.Path);
        if (!opened.TryGet(out var reclaimer))
        {
            return opened.Error;
        }

        // Inodes are not used twice, so a group that has its name now, with the files open, had it while they were opened.
        var identity = host.Identify(reclaimer._directory);
        if (identity.TryGet(out var found) && found == group.File)
        {
            return reclaimer;
        }

        reclaimer.Dispose();
        return identity.IsOk ? new HostError(HostErrorKind.Vanished, group.Path, "another group has its name") : identity.Error;
    }

    /// <summary>Opens the files of a group.</summary>
    /// <param name="host">The host.</param>
    /// <param name="cgroup">Its path below the root of the v2 hierarchy, such as <c>/app</c>. The root itself is the whole machine and is refused.</param>
    /// <returns>
    /// The reclaimer; <see cref="HostErrorKind.Unsupported"/> where memory is accounted in version 1 or the kernel has no such file, <see cref="HostErrorKind.Vanished"/> where there is no such group.
    /// </returns>
    public static HostResult<CgroupReclaimer> Open(HostRoot host, string cgroup)
    {
        var path = cgroup.TrimEnd('/');
        if (path.Length == 0 || path[0] != '/')
        {
            return new HostError(HostErrorKind.Malformed, cgroup, "name one control group below the root, such as /app: the root is the whole machine");
        }

        var layout = CgroupLayout.Detect(host);
        if (!layout.MemoryIsV2)
        {
            return new HostError(HostErrorKind.Unsupported, path, "memory is not accounted in cgroup v2 here, and only that has memory.reclaim");
        }

        var directory = layout.UnifiedRoot + path;
        var current = host.Open(directory + "/memory.current");
        if (!current.IsOk)
        {
            return current.Error;
        }

        var reclaim = host.Open(directory + "/memory.reclaim", HostFileAccess.Write);
        if (!reclaim.IsOk)
        {
            current.Value.Dispose();
            return reclaim.Error.Kind == HostErrorKind.Vanished
                ? new HostError(HostErrorKind.Unsupported, reclaim.Error.Subject, "the kernel has no memory.reclaim; Linux 5.19 and later have it")
                : reclaim.Error;
        }

        return new CgroupReclaimer(directory, new CgroupReclaimFiles(reclaim.Value, current.Value));
    }

    /// <summary>Reclaims, step by step, until so much was asked for or the kernel gives up.</summary>
    /// <param name="bytes">The most to ask for.</param>
    /// <param name="sparesAnonymous">Whether only pages of files are to go: Linux 6.9 can be told, and older kernels are not asked for anything then.</param>
    /// <returns>How it ended; the advised bytes are those asked for, the last of which the kernel may not have found.</returns>
    public ActionResult Reclaim(ulong bytes, bool sparesAnonymous = false)
    {
        LastError = "";
        if (bytes == 0)
        {
            return new ActionResult(ActionOutcome.Nothing, 0, 0);
        }

        var before = _files.ReadCurrent();
        if (!before.TryGet(out var last))
        {
            // Without the measurement there is no telling what it did: nothing is asked for.
            return new ActionResult(Explain(HostOutcome.Of(before.Error.Kind), before.Error), 0, 0, before.Error.Errno);
        }

        ulong asked = 0, effect = 0;
        while (asked < bytes)
        {
            var step = Math.Min(MaxStepBytes, bytes - asked);
            var written = _files.Reclaim(step, sparesAnonymous);
            var isPartial = !written.IsOk && written.Error.Kind == HostErrorKind.TryAgain;
            asked += written.IsOk || isPartial ? step : 0;
            var measured = _files.ReadCurrent();
            if (measured.TryGet(out var now))
            {
                effect += Math.Min(step, last - Math.Min(last, now));
                last = now;
            }

            if (!written.IsOk)
            {
                var outcome = !isPartial ? HostOutcome.Of(written.Error.Kind) : effect > 0 ? ActionOutcome.Partial : ActionOutcome.TryAgain;
                return new ActionResult(Explain(outcome, written.Error, sparesAnonymous), asked, effect, written.Error.Errno);
            }

            if (!measured.IsOk)
            {
                return new ActionResult(Explain(HostOutcome.Of(measured.Error.Kind), measured.Error), asked, effect, measured.Error.Errno);
            }
        }

        return new ActionResult(effect > 0 ? ActionOutcome.Applied : ActionOutcome.NoEffect, asked, effect);
    }

    /// <inheritdoc/>
    public void Dispose() => _files.Dispose();

    private ActionOutcome Explain(ActionOutcome outcome, HostError error, bool sparesAnonymous = false)
    {
        LastError = outcome is ActionOutcome.Partial or ActionOutcome.TryAgain
            ? $"{_directory}: the kernel found less to reclaim than was asked for (error {error.Errno})"
            : outcome == ActionOutcome.Unsupported && sparesAnonymous
            ? $"{_directory}: the kernel cannot be told to reclaim pages of files only, which Linux 6.9 can (error {error.Errno})"
            : error.ToString();
        return outcome;
    }
}
