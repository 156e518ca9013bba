using Damon.Engine.Host;

namespace Damon.Engine.KernelDamon;

/// <summary>Finds what schemes may be about. Asked right before each commit: one control group that is gone makes the kernel refuse all of it (ENOMEM).</summary>
public interface IKernelScope
{
    /// <summary>Looks.</summary>
    HostResult<KernelScope> Read();
}
