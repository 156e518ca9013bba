using Damon.Engine.Host;

namespace Damon.Engine.KernelDamon;

/// <summary>A process that the kernel is to sense.</summary>
/// <param name="Process">Which one.</param>
/// <param name="Group">With which others it shares the limits of regions, as the processes of a pod do.</param>
public readonly record struct SensedProcess(ProcessIdentity Process, string Group);
