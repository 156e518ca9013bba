namespace Damon.Engine.KernelDamon;

/// <summary>Tells how much CPU time a kdamond has used: the kernel does not say how long its actions take.</summary>
public interface IKernelThreadClock
{
    /// <summary>Reads it.</summary>
    /// <param name="pid">The thread.</param>
    /// <returns>CPU time since it began; null where it cannot be read.</returns>
    TimeSpan? Read(int pid);
}
