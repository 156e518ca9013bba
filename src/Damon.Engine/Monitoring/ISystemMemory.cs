namespace Damon.Engine.Monitoring;

/// <summary>
/// The port through which schemes see the state of the whole machine: what goals steer by and watermarks watch. The engine's core does no IO of its own. Called from the session's thread,
/// at most once per quota window or watermark interval and scheme.
/// </summary>
public interface ISystemMemory
{
    /// <summary>Why the last call gave nothing, for people; empty after a success.</summary>
    string LastError { get; }

    /// <summary>Reads the machine's memory.</summary>
    /// <param name="totals">What was read.</param>
    /// <returns>Whether it could be read.</returns>
    bool TryReadMachine(out MemoryTotals totals);

    /// <summary>Reads the memory of one node.</summary>
    /// <param name="node">Its number.</param>
    /// <param name="totals">What was read.</param>
    /// <returns>Whether it could be read; a node that is not there cannot.</returns>
    bool TryReadNode(int node, out MemoryTotals totals);

    /// <summary>Reads how much of a node's memory a control group uses: its anonymous and file pages there.</summary>
    /// <param name="cgroup">The control group's path below the root of the hierarchy.</param>
    /// <param name="node">The node's number.</param>
    /// <param name="usedBytes">What was read.</param>
    /// <returns>Whether it could be read.</returns>
    bool TryReadCgroup(string cgroup, int node, out ulong usedBytes);

    /// <summary>Reads for how long, since the machine started, at least one task has waited for memory.</summary>
    /// <param name="someStalled">The time.</param>
    /// <returns>Whether it could be read.</returns>
    bool TryReadPressure(out TimeSpan someStalled);
}
