using Damon.Engine.Host;
using Damon.Engine.KernelDamon;
using Damon.Engine.Monitoring;

namespace Damon.NodeAgent.Standalone;

/// <summary>
/// Makes the targets of a session equal to the processes that the kernel says it senses. A target stands for one program in one process: where the process runs another program, or its pid is another
/// process's now, the target ends and what the kernel senses there is a new one, of which nothing is known.
/// </summary>
/// <param name="session">The session. Its targets' numbers are pids, and they are ended here only.</param>
/// <param name="time">Times what passes between two reports of regions.</param>
/// <param name="open">Opens what acts on a process and adds it to the session; false where it is not to be in it, and then it is asked again with the next report.</param>
/// <param name="ended">Told the pid of each target that has ended here; null for nobody.</param>
internal sealed class SensedTargets(ReportedSession session, TimeProvider time, Func<SensedTarget, bool> open, Action<int>? ended = null)
{
    private readonly Dictionary<int, (ProcessIdentity Process, int Generation)> _known = [];
    private long _passedAt;

    /// <summary>The kernel's beginning to which belongs what the session knows.</summary>
    public int Epoch { get; private set; }

    /// <summary>From now on time passes.</summary>
    public void Begin() => _passedAt = time.GetTimestamp();

    /// <summary>Takes over which processes are sensed, and which have ended.</summary>
    public void Follow(SensorReport report)
    {
        if (report.Epoch != Epoch)
        {
            Epoch = report.Epoch;
            session.Forget();
        }

        foreach (var (process, _) in report.Ended)
        {
            End(process, TargetState.Gone, $"process {process.Pid}: the process has exited");
        }

        foreach (var sensed in report.Targets)
        {
            Know(sensed);
        }
    }

    /// <summary>Gives the session what was found, where regions were read: schemes that are due are applied.</summary>
    public void Pass(SensorReport report)
    {
        if (!report.HasRegions)
        {
            return;
        }

        foreach (var sensed in report.Targets)
        {
            // One that was ended or never let in is unknown to the session, which ignores it.
            session.Report(sensed.Process.Pid, [.. sensed.Regions ?? []]);
        }

        var now = time.GetTimestamp();
        session.Pass(report.Intervals, time.GetElapsedTime(_passedAt, now));
        _passedAt = now;
    }

    /// <summary>Takes a process out; one that is not in the session, or whose pid is another's there, is ignored.</summary>
    public void End(ProcessIdentity process, TargetState state, string reason)
    {
        if (_known.TryGetValue(process.Pid, out var known) && known.Process == process)
        {
            _known.Remove(process.Pid);
            session.EndTarget(process.Pid, state, reason);
            ended?.Invoke(process.Pid);
        }
    }

    private void Know(SensedTarget sensed)
    {
        var process = sensed.Process;
        if (_known.TryGetValue(process.Pid, out var known))
        {
            if (known == (process, sensed.Generation))
            {
                return;
            }

            End(known.Process, TargetState.Gone, $"process {process.Pid}: it runs another program now");
        }

        if (open(sensed))
        {
            _known[process.Pid] = (process, sensed.Generation);
        }
    }
}
