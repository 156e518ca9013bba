using Damon.Engine.Host;

namespace Damon.Engine.KernelDamon;

/// <summary>What the owner record says of one kdamond.</summary>
/// <param name="FolderDevice">Device of its folder; 0 where it was not known.</param>
/// <param name="FolderInode">
/// Inode of its folder. The kernel gives every folder of sysfs a number of its own for as long as it runs, so a folder that was removed and made anew is told from the old one.
/// </param>
/// <param name="IsStarting">Whether it was about to be turned on: its thread was not known yet.</param>
/// <param name="ThreadPid">Its thread; 0 where it was not turned on.</param>
/// <param name="ThreadStartTicks">When its thread started, in clock ticks after boot.</param>
internal sealed record OwnedKdamond(ulong FolderDevice, ulong FolderInode, bool IsStarting, int ThreadPid, ulong ThreadStartTicks)
{
    public static OwnedKdamond Unknown { get; } = new(0, 0, IsStarting: false, 0, 0);

    public bool HasFolder => FolderInode != 0;

    public bool HasThread => ThreadPid > 0;

    public bool IsFolder(FileIdentity? folder) => HasFolder && folder == new FileIdentity(FolderDevice, FolderInode);

    public bool IsThread(ProcessIdentity? thread) => HasThread && thread == new ProcessIdentity(ThreadPid, ThreadStartTicks);
}
