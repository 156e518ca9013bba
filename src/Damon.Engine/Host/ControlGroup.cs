namespace Damon.Engine.Host;

/// <summary>A control group of the version 2 hierarchy: a name that another group can take over, and the inode that none can.</summary>
/// <param name="Path">Below the root of the hierarchy, such as <c>/app</c>.</param>
/// <param name="File">Which one it is.</param>
public readonly record struct ControlGroup(string Path, FileIdentity File);
