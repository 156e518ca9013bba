namespace Damon.Engine.Interop;

/// <summary>
/// Where the fields of <c>struct linux_dirent64</c> lie, getdents64(2): d_ino u64, d_off s64, d_reclen u16, d_type u8, d_name with a closing zero byte.
/// </summary>
internal static class DirectoryEntryLayout
{
    public const int RecordLength = 16;
    public const int Type = 18;
    public const int Name = 19;
    public const byte TypeUnknown = 0;
    public const byte TypeDirectory = 4;
}
