using Damon.Engine.Interop;

namespace Damon.Engine.Host;

/// <summary>Whose a file is, and who may change it.</summary>
/// <param name="UserId">The owner.</param>
/// <param name="Mode">Kind and permissions as stat(2) gives them (st_mode).</param>
public readonly record struct FileOwner(uint UserId, uint Mode)
{
    private const uint KindMask = 0xF000;
    private const uint RegularFile = 0x8000;
    private const uint WritableByOthersMask = 0x12;

    /// <summary>The user whose rights this process has.</summary>
    public static uint CurrentUserId => Native.EffectiveUser();

    /// <summary>Whether it is a file and no directory, device, pipe or socket.</summary>
    public bool IsRegularFile => (Mode & KindMask) == RegularFile;

    /// <summary>Whether its group or everybody may write to it.</summary>
    public bool IsWritableByOthers => (Mode & WritableByOthersMask) != 0;
}
