using Damon.Engine.Monitoring;

namespace Damon.Engine.Simulation;

/// <summary>
/// A machine of a given size for goals and watermarks in virtual time. It has one memory node, no page lists and no control groups, and nobody waits for memory: what it does not have cannot be read.
/// </summary>
/// <param name="totalBytes">Its size.</param>
/// <param name="residentBytes">What is in its memory, in bytes; where that is more than its size, nothing is free.</param>
public sealed class SimulatedMachine(ulong totalBytes, Func<ulong> residentBytes) : ISystemMemory
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
            return TryReadMachine(out totals);
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
