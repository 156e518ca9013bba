namespace Damon.Engine.Host;

/// <summary>One entry of a directory.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsDirectory">Whether it is a directory itself; false for a link to one.</param>
public readonly record struct HostDirectoryEntry(string Name, bool IsDirectory);
