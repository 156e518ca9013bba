using Damon.Engine.Host;

namespace Damon.Engine.KernelDamon;

/// <summary>Processes and control groups of a host.</summary>
/// <param name="host">The host.</param>
/// <param name="layout">How its control groups are mounted.</param>
public sealed class HostKernelSubjects(HostRoot host, CgroupLayout layout) : IKernelSubjects
{
    /// <inheritdoc/>
    public bool HasProcess(int pid) => host.Exists($"/proc/{pid}/stat");

    /// <inheritdoc/>
    public bool HasCgroup(string path) => layout.MemoryRoot is { Length: > 0 } root && host.Exists(root + path);
}
