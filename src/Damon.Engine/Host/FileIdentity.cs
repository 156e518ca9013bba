namespace Damon.Engine.Host;

/// <summary>What a path means right now; a path can be taken over by another file or cgroup, this pair cannot while the first one exists.</summary>
/// <param name="Device">Device number.</param>
/// <param name="Inode">Inode number.</param>
public readonly record struct FileIdentity(ulong Device, ulong Inode);
