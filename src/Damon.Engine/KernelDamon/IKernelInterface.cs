using Damon.Engine.Host;

namespace Damon.Engine.KernelDamon;

/// <summary>The one interface to DAMON that a machine has, as something that is taken and given back. Calls block: they belong on the one thread that talks to the kernel.</summary>
public interface IKernelInterface
{
    /// <summary>Takes it.</summary>
    /// <returns>A kdamond that does not run; or why it cannot be taken, and then nothing has changed.</returns>
    HostResult<IKdamond> Take();

    /// <summary>Gives it back, with what still runs turned off. Done, too, where it was not taken.</summary>
    KernelOutcome Release();
}
