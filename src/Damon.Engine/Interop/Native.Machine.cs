using Tmds.Linux;

namespace Damon.Engine.Interop;

/// <content>Constants of the running machine.</content>
internal static unsafe partial class Native
{
    /// <summary>_SC_PAGESIZE of sysconf(3), glibc and musl.</summary>
    internal const int ScPageSize = 30;

    /// <summary>Size of a base page in bytes.</summary>
    /// <remarks><c>long sysconf(int name);</c> with _SC_PAGESIZE; cannot fail for this name.</remarks>
    public static int PageSizeBytes { get; } = (int)(long)LibC.sysconf(ScPageSize);

    /// <summary>This process's id.</summary>
    /// <remarks><c>pid_t getpid(void);</c></remarks>
    public static int ProcessId => (int)LibC.getpid();
}
