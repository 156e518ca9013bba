using Damon.Engine.Host;

namespace Damon.NodeAgent.Safety;

/// <summary>
/// Leaves a pod's or a container's anonymous memory alone that may not be swapped: a kubelet that gives pods no swap writes 0 to the containers' memory.swap.max, on a machine that has swap all the
/// same. Near its own limit of swap a group is treated like the machine near the end of its.
/// </summary>
/// <param name="host">The host.</param>
/// <param name="directory">The group's directory, as on the host.</param>
/// <param name="reader">The thread's reader.</param>
/// <param name="time">The clock.</param>
internal sealed class GroupSwapRail(HostRoot host, string directory, HostReader reader, TimeProvider time) : IDisposable
{
    private readonly KernelText _max = new(host, directory + "/memory.swap.max", reader);
    private readonly KernelText _current = new(host, directory + "/memory.swap.current", reader);
    private readonly RailLatch _low = new();
    private string _reason = "";

    public RailState Check(SafetyLimits limits)
    {
        var read = Read(_max, out var max);
        if (read == HostErrorKind.Vanished)
        {
            // The kernel has these files where it accounts swap by group. Where it does not, no group has a limit of its own.
            return RailState.Clear;
        }

        if (read != HostErrorKind.None)
        {
            _low.Extend(time);
            return Unmeasurable.Judge(limits, _max.Path, read);
        }

        if (max == 0)
        {
            return RailState.Held(SafetyRail.NoSwap, $"{_max.Path} is 0");
        }

        ulong current = 0;
        if (max != CgroupValue.Max && (read = Read(_current, out current)) != HostErrorKind.None)
        {
            _low.Extend(time);
            return Unmeasurable.Judge(limits, _current.Path, read);
        }

        var freePercent = max == CgroupValue.Max ? 100 : current >= max ? 0 : 100.0 * (max - current) / max;
        if (_low.Update(freePercent < limits.SwapFreePercent, limits.Calm, time))
        {
            _reason = $"{freePercent:0.#} % of the swap that {_max.Path} allows is free";
        }

        return _low.IsHolding ? RailState.Held(SafetyRail.SwapLow, _reason) : RailState.Clear;
    }

    public void Dispose()
    {
        _max.Dispose();
        _current.Dispose();
    }

    private static HostErrorKind Read(KernelText file, out ulong bytes)
    {
        bytes = 0;
        var read = file.Read(out var content);
        return read == HostErrorKind.None && !CgroupValue.TryParse(content, out bytes) ? HostErrorKind.Malformed : read;
    }
}
