using Damon.Engine.Monitoring;

namespace Damon.Engine.Simulation;

/// <summary>
/// A machine of a given size that holds nothing but simulated memories, for goals and watermarks in virtual time. It has one memory node, no page lists and no control groups, and nobody waits for
/// memory: what it does not have cannot be read.
/// </summary>
/// <param name="totalBytes">Its size. Where the memories hold more, nothing is free.</param>
/// <param name="memories">What it holds; may grow.</param>
public sealed class SimulatedMachine(ulong totalBytes, IReadOnlyList<SimulatedMemory> memories) : ISystemMemory
{
    /// <inheritdoc/>
    public string LastError { get; private set; } = "";

    /// <inheritdoc/>
    public bool TryReadMachine(out MemoryTotals totals)
    {
        ulong resident = 0;
        for (var i = 0; i < memories.Count; i++)
        {
            resident += memories[i].ResidentBytes;
        }

        var free = totalBytes - Math.Min(totalBytes, resident);
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
        LastError = $"a simulated machine has no memory node {node}";
        return false;
    }

    /// <inheritdoc/>
    public bool TryReadCgroup(string cgroup, int node, out ulong usedBytes)
    {
        usedBytes = 0;
        LastError = "a simulated machine has no control groups";
        return false;
    }

    /// <inheritdoc/>
    public bool TryReadPressure(out TimeSpan someStalled)
    {
        someStalled = TimeSpan.Zero;
        LastError = "nobody waits for memory on a simulated machine";
        return false;
    }
}
