namespace Damon.Workload.Memory;

/// <summary>
/// Decides from statfs(2)'s f_type whether file regions may lie on a file system. Pages of a memory file system are not given back by reclaim without
/// swap, so a pattern that states "file" would be untrue there. Numbers: statfs(2) and the kernel's include/uapi/linux/magic.h.
/// </summary>
internal static class FileSystemRule
{
    private static readonly Dictionary<long, string> Disk = new()
    {
        [0xEF53] = "ext4",
        [0x58465342] = "xfs",
        [0x9123683E] = "btrfs",
        [0xF2F52010] = "f2fs",
        [0xCA451A4E] = "bcachefs",
        [0x2FC12FC1] = "zfs",
        [0x3153464A] = "jfs",
        [0x3434] = "nilfs2",
    };

    private static readonly Dictionary<long, string> Memory = new()
    {
        [0x01021994] = "tmpfs",
        [0x858458F6] = "ramfs",
        [0x958458F6] = "hugetlbfs",
    };

    private const long Overlay = 0x794C7630;

    /// <summary>Says why file regions cannot lie in a folder.</summary>
    /// <param name="directory">The folder, for the message.</param>
    /// <param name="fileSystemType">f_type, or nothing where the folder cannot be looked at.</param>
    /// <returns>Nothing where they can.</returns>
    public static string? RefusalFor(string directory, long? fileSystemType)
    {
        const string Remedy = "give a folder on a disk file system with --directory";
        // f_type is a signed word; a 32-bit number with its top bit set may arrive sign-extended.
        var type = fileSystemType & 0xFFFFFFFF;
        return type switch
        {
            null => $"'{directory}' cannot be looked at: {Remedy}",
            { } disk when Disk.ContainsKey(disk) => null,
            { } memory when Memory.TryGetValue(memory, out var name) =>
                $"'{directory}' is on {name}, which keeps its files in memory: {Remedy}",
            Overlay => $"'{directory}' is on overlayfs, and what lies below an overlay (it may be memory) cannot be seen from here: {Remedy}, in a container a volume",
            { } other => $"'{directory}' is on a file system that is not known to be on a disk (type 0x{other:x}): {Remedy}",
        };
    }
}
