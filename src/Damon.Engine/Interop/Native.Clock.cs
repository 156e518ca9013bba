using System.Runtime.InteropServices;

namespace Damon.Engine.Interop;

/// <content>The clock that only runs while the calling thread does.</content>
internal static unsafe partial class Native
{
    /// <summary>CLOCK_THREAD_CPUTIME_ID of clock_gettime(2).</summary>
    internal const int ClockThreadCpuTime = 3;

    /// <summary>CPU time of the calling thread, in nanoseconds.</summary>
    /// <remarks><c>int clock_gettime(clockid_t clockid, struct timespec *tp);</c> cannot fail for this clock and a valid address.</remarks>
    public static long ThreadCpuNanoseconds()
    {
        TimeSpecification now;
        _ = ReadClock(ClockThreadCpuTime, &now);
        return (now.Seconds * 1_000_000_000) + now.Nanoseconds;
    }

    // Tmds.LibC has no clock_gettime.
    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int ReadClock(int clock, TimeSpecification* time);
}
