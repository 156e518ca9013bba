using Damon.Engine.Host;
using Damon.Engine.Regions;

namespace Damon.Engine.KernelDamon;

/// <summary>
/// Processes with stable places. The first place, and each that nobody has, is held by a target that is always there and has no memory: the kernel then meets the end of a target in every pass, whatever
/// the processes do, and so a pass is always counted.
/// </summary>
/// <param name="find">The processes now.</param>
/// <param name="findCgroups">The control groups to measure effects by; none where they cannot be measured.</param>
public sealed class ProcessScope(Func<HostResult<IReadOnlyList<int>>> find, Func<IReadOnlyList<EligibleCgroup>> findCgroups) : IKernelScope
{
    /// <summary>kthreadd: lives as long as the machine and has no address space.</summary>
    private const int AlwaysAlive = 2;

    private static readonly KernelTarget Vacant = new(AlwaysAlive) { Ranges = [new AddressRange(4096, 8192)] };

    private readonly List<int> _places = [AlwaysAlive];

    /// <inheritdoc/>
    public HostResult<KernelScope> Read()
    {
        var found = find();
        if (!found.TryGet(out var pids))
        {
            return found.Error;
        }

        var now = pids.Where(pid => pid > AlwaysAlive).ToHashSet();
        for (var i = 1; i < _places.Count; i++)
        {
            // What stays is taken out of the set: what is left of it are the new ones.
            _places[i] = now.Remove(_places[i]) ? _places[i] : AlwaysAlive;
        }

        foreach (var pid in pids.Where(now.Remove))
        {
            var free = _places.IndexOf(AlwaysAlive, 1);
            if (free < 0)
            {
                _places.Add(pid);
            }
            else
            {
                _places[free] = pid;
            }
        }

        return new KernelScope([.. _places.Select(pid => pid == AlwaysAlive ? Vacant : new KernelTarget(pid))], findCgroups(), KernelScope.Empty.NodeRanges);
    }
}
