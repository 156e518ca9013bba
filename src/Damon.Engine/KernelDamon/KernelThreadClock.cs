using Damon.Engine.Host;

namespace Damon.Engine.KernelDamon;

/// <summary>The CPU time of a thread by <c>/proc/PID/schedstat</c>, whose first number is nanoseconds on a CPU (kernel documentation, scheduler/sched-stats).</summary>
/// <param name="host">The host.</param>
public sealed class KernelThreadClock(HostRoot host) : IKernelThreadClock
{
    private readonly HostReader _reader = new(maxBytes: 4096);

    /// <inheritdoc/>
    public TimeSpan? Read(int pid)
    {
        if (pid <= 0 || !host.Read($"/proc/{pid}/schedstat", _reader).IsOk)
        {
            return null;
        }

        var content = _reader.Content;
        return ProcText.TryTakeWord(ref content, out var word) && ProcText.TryParseNumber(word, out var nanoseconds) && nanoseconds <= long.MaxValue
            ? TimeSpan.FromTicks((long)nanoseconds / TimeSpan.NanosecondsPerTick)
            : null;
    }
}
