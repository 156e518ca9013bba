using System.Runtime.InteropServices;

namespace Damon.Engine.Interop;

/// <summary><c>struct timespec { time_t tv_sec; long tv_nsec; }</c> of 64-bit Linux.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TimeSpecification
{
    /// <summary>tv_sec.</summary>
    public long Seconds;

    /// <summary>tv_nsec.</summary>
    public long Nanoseconds;
}
