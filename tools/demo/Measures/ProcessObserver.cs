using System.Globalization;
using Damon.Demo.Events;
using Damon.Engine.Host;

namespace Damon.Demo.Measures;

/// <summary>Looks at a child from outside, through /proc.</summary>
/// <param name="host">Where /proc is.</param>
internal sealed class ProcessObserver(HostRoot host)
{
    /// <summary>USER_HZ, the unit of times in /proc, is 100 on every Linux architecture that .NET runs on.</summary>
    private const double TicksPerSecond = 100;

    private readonly HostReader _reader = new();

    /// <summary>What of the process is in memory; nothing where it is gone or its smaps cannot be used.</summary>
    public ResidentMemory? Resident(int processId, IReadOnlyList<WorkloadRegion> regions) =>
        host.Read($"/proc/{processId}/smaps", _reader).IsOk ? ResidentMemory.From(_reader.Content, regions) : null;

    /// <summary>CPU time the process has used since it started, its runtime's start included; nothing where it is gone.</summary>
    public TimeSpan? CpuTime(int processId) =>
        host.Read($"/proc/{processId}/stat", _reader).IsOk && ProcStat.TryParse(_reader.Content, out var stat)
            ? TimeSpan.FromSeconds((stat.UserTicks + stat.SystemTicks) / TicksPerSecond)
            : null;

    /// <summary>
    /// Time for which the process's first thread was ready to run and waited for a CPU: the second figure of <c>/proc/PID/schedstat</c>, in nanoseconds
    /// (proc_pid_schedstat in the kernel's documentation of scheduler statistics). Nothing where the kernel does not count it.
    /// </summary>
    public TimeSpan? WaitedForCpu(int processId) =>
        host.ReadText($"/proc/{processId}/schedstat").TryGet(out var text)
        && text.Split(' ') is [_, var waited, ..]
        && long.TryParse(waited, NumberStyles.None, CultureInfo.InvariantCulture, out var nanoseconds)
            ? TimeSpan.FromTicks(nanoseconds / TimeSpan.NanosecondsPerTick)
            : null;

    /// <summary>CPU time of all the threads that the process has now, to the nanosecond: the first figure of each <c>/proc/PID/task/TID/schedstat</c>. Nothing where the process is gone.</summary>
    public TimeSpan? CpuOfThreads(int processId)
    {
        var threads = new List<HostDirectoryEntry>();
        if (!host.List($"/proc/{processId}/task", threads).IsOk)
            return null;

        long sum = 0;
        foreach (var thread in threads)
        {
            if (host.ReadText($"/proc/{processId}/task/{thread.Name}/schedstat").TryGet(out var text)
                && long.TryParse(text.Split(' ')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var nanoseconds))
            {
                sum += nanoseconds;
            }
        }

        return TimeSpan.FromTicks(sum / TimeSpan.NanosecondsPerTick);
    }
}
