using Damon.Engine.Host;

namespace Damon.Engine.KernelDamon;

/// <summary>The one interface to DAMON that a machine has, as something that is taken and given back. Calls block: they belong on the one thread that talks to the kernel.</summary>
public interface IKernelInterface
{
    /// <summary>Takes it.</summary>
    /// <returns>A kdamond that does not run; or why it cannot be taken, and then nothing has changed.</returns>
    HostResult<IKdamond> Take();

    /// <summary>Takes it with several kdamonds; their number cannot change before it is given back.</summary>
    /// <param name="count">How many, from 1.</param>
    /// <returns>Kdamonds that do not run, by place; or why it cannot be taken, and then nothing has changed. An interface that says nothing else has one.</returns>
    HostResult<IReadOnlyList<IKdamond>> Take(int count)
    {
        if (count != 1)
        {
            return new HostError(HostErrorKind.Unsupported, HostDamonTree.Root, $"there is one kdamond, not {count}");
        }

        var taken = Take();
        return taken.TryGet(out var kdamond) ? new List<IKdamond> { kdamond } : taken.Error;
    }

    /// <summary>Gives it back, with what still runs turned off. Done, too, where it was not taken.</summary>
    KernelOutcome Release();
}
