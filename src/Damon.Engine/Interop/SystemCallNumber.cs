using System.Runtime.InteropServices;

namespace Damon.Engine.Interop;

/// <summary>
/// Numbers of system calls that the C library used here has no function for. From 424 on a call has the same number on every architecture; below, x86-64 and arm64 differ.
/// </summary>
internal static class SystemCallNumber
{
    public const int PidfdSendSignal = 424;
    public const int PidfdOpen = 434;
    public const int ProcessMadvise = 440;
    public const int GetDents64OnX64 = 217;
    public const int GetDents64OnArm64 = 61;
    public const int MovePagesOnX64 = 279;
    public const int MovePagesOnArm64 = 239;
    public const int GetTidOnX64 = 186;
    public const int GetTidOnArm64 = 178;
    public const int TgKillOnX64 = 234;
    public const int TgKillOnArm64 = 131;

    /// <summary>getdents64 on this architecture.</summary>
    public static int GetDents64 { get; } = OnThisArchitecture(GetDents64OnX64, GetDents64OnArm64);

    /// <summary>move_pages on this architecture.</summary>
    public static int MovePages { get; } = OnThisArchitecture(MovePagesOnX64, MovePagesOnArm64);

    /// <summary>gettid on this architecture.</summary>
    public static int GetTid { get; } = OnThisArchitecture(GetTidOnX64, GetTidOnArm64);

    /// <summary>tgkill on this architecture.</summary>
    public static int TgKill { get; } = OnThisArchitecture(TgKillOnX64, TgKillOnArm64);

    private static int OnThisArchitecture(int x64, int arm64) => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => x64,
        Architecture.Arm64 => arm64,
        var other => throw new PlatformNotSupportedException($"Linux on {other} is not supported: x64 and arm64 are."),
    };
}
