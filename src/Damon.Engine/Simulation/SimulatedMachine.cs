using Damon.Engine.Monitoring;

namespace Damon.Engine.Simulation;

/// <summary>
/// A machine of a given size for goals and watermarks in virtual time. It has one memory node that can be read, no page lists and no control groups, and nobody waits for memory: what it does not have cannot be read.
/// </summary>
/// <param name="totalBytes">Its size.</param>
/// <param name="residentBytes">What is in its memory, in bytes; where that is more than its size, nothing is free.</param>
/// <param name="elsewhereBytes">What of it lies on other nodes than node 0, which all have room; nothing where it is not given.</param>
public sealed class SimulatedMachine(ulong totalBytes, Func<ulong> residentBytes, Func<ulong>? elsewhereBytes = null) : ISystemMemory
{
    /// <inheritdoc/>
    public string LastError { get; private set; } = "";

    /// <inheritdoc/>
    public bool TryReadMachine(out MemoryTotals totals)
    {
        var free = totalBytes - Math.Min(totalBytes, residentBytes());
        totals = new MemoryTotals(totalBytes, free, free, ActiveBytes: 0, InactiveBytes: 0);
        LastError = "";
        return true;
    }

    /// <inheritdoc/>
    public bool TryReadNode(int node, out MemoryTotals totals)
    {
        if (node == 0)
        {
            var resident = residentBytes();
            var free = totalBytes - Math.Min(totalBytes, resident - Math.Min(resident, elsewhereBytes?.Invoke() ?? 0));
            totals = new MemoryTotals(totalBytes, free, free, ActiveBytes: 0, InactiveBytes: 0);
            LastError = "";
            return true;
        }

        totals = default;
        LastError = $"the simulated machine has no node {node}";
        return false;
    }

    /// <inheritdoc/>
    public bool TryReadCgroup(string cgroup, int node, out ulong usedBytes)
    {
        usedBytes = 0;
        LastError = "the simulated machine has no control groups";
        return false;
    }

    /// <inheritdoc/>
    public bool TryReadPressure(out TimeSpan someStalled)
    {
        someStalled = TimeSpan.Zero;
        LastError = "the simulated machine has no pressure";
        return false;
    }
}
