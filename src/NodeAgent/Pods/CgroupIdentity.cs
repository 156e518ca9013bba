using Damon.Engine.Host;

namespace Damon.NodeAgent.Pods;

/// <summary>A control group that was found: a name that can be taken over by another group, and the inode that cannot.</summary>
/// <param name="Path">In its hierarchy, for example <c>/kubepods.slice/…</c>.</param>
/// <param name="Directory">Where it is on the host, for example <c>/sys/fs/cgroup/kubepods.slice/…</c>.</param>
/// <param name="File">Which one it is.</param>
/// <param name="HasFigures">Whether memory is accounted in it by version 2's rules. Without it processes can be found and acted on, but what the group itself says is Unsupported.</param>
internal readonly record struct CgroupIdentity(string Path, string Directory, FileIdentity File, bool HasFigures);
