using Damon.Engine.Host;
using Damon.Engine.KernelDamon;

namespace Damon.NodeAgent.Agent;

/// <summary>
/// Shares the machine's one interface to DAMON among those of the agent that need a kdamond: it is taken with the first of them and given back with the last, and each has a place of its own in between.
/// </summary>
/// <remarks>Places are taken and given back on the one thread that talks to the kernel, so one that is given back is free before what was asked for later is carried out.</remarks>
/// <param name="open">Opens the interface, with what the configuration allows at that moment; asked each time that it is taken.</param>
internal sealed class SharedKernel(Func<IKernelInterface> open) : IDisposable
{
    private static readonly int Places = Enum.GetValues<KernelPlace>().Length;

    private readonly bool[] _isHeld = new bool[Places];
    private IReadOnlyList<IKdamond> _kdamonds = [];

    /// <summary>Also read at the agent's end, when the kernel's thread may not have come back.</summary>
    private volatile IKernelInterface? _taken;

    /// <summary>One place, as if it were an interface of its own.</summary>
    public IKernelInterface Of(KernelPlace place) => new PlaceInterface(this, (int)place);

    /// <summary>Lets go of what could not be given back; see <see cref="HostKernelInterface.Dispose"/>.</summary>
    public void Dispose() => (_taken as IDisposable)?.Dispose();

    private static HostResult<T> Found<T>(T value) => value;

    private HostResult<IKdamond> Take(int place)
    {
        if (_isHeld[place])
        {
            throw new InvalidOperationException($"The place of {(KernelPlace)place} is taken already; give it back first.");
        }

        if (_taken is null)
        {
            var inner = open();
            var taken = inner.Take(Places);
            if (!taken.TryGet(out var kdamonds))
            {
                (inner as IDisposable)?.Dispose();
                return taken.Error;
            }

            (_taken, _kdamonds) = (inner, kdamonds);
        }

        _isHeld[place] = true;
        return Found(_kdamonds[place]);
    }

    private KernelOutcome Release(int place)
    {
        if (!_isHeld[place])
        {
            return KernelOutcome.Done;
        }

        _isHeld[place] = false;
        if (Array.Exists(_isHeld, held => held))
        {
            return KernelOutcome.Done;
        }

        var inner = _taken!;
        var released = inner.Release();
        (_taken, _kdamonds) = (null, []);
        (inner as IDisposable)?.Dispose();
        return released;
    }

    private sealed class PlaceInterface(SharedKernel shared, int place) : IKernelInterface
    {
        public HostResult<IKdamond> Take() => shared.Take(place);

        public KernelOutcome Release() => shared.Release(place);
    }
}
