namespace Damon.Engine.KernelDamon;

/// <summary>Error numbers of errno(3) that commands of DAMON end with; the same on x86-64 and arm64.</summary>
internal static class KernelErrno
{
    public const int NotPermitted = 1;
    public const int OutOfMemory = 12;
    public const int Invalid = 22;
    public const int Canceled = 125;
}
