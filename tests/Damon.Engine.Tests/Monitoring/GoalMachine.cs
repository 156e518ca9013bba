using Damon.Engine.Monitoring;

namespace Damon.Engine.Tests.Monitoring;

/// <summary>A machine whose every number a test decides; what is not set is not there.</summary>
internal sealed class GoalMachine : ISystemMemory
{
    public string LastError { get; private set; } = "";

    public MemoryTotals? Machine { get; set; }

    public Dictionary<int, MemoryTotals> Nodes { get; } = [];

    public Dictionary<(string Cgroup, int Node), ulong> Cgroups { get; } = [];

    public TimeSpan? Stalled { get; set; }

    public int Reads { get; private set; }

    public bool TryReadMachine(out MemoryTotals totals) => Tell(Machine, "no machine", out totals);

    public bool TryReadNode(int node, out MemoryTotals totals) => Tell(Nodes.TryGetValue(node, out var found) ? found : (MemoryTotals?)null, $"no node {node}", out totals);

    public bool TryReadCgroup(string cgroup, int node, out ulong usedBytes) =>
        Tell(Cgroups.TryGetValue((cgroup, node), out var found) ? found : (ulong?)null, $"no {cgroup} on node {node}", out usedBytes);

    public bool TryReadPressure(out TimeSpan someStalled) => Tell(Stalled, "no pressure", out someStalled);

    private bool Tell<T>(T? value, string error, out T told)
        where T : struct
    {
        Reads++;
        told = value ?? default;
        LastError = value is null ? error : "";
        return value is not null;
    }
}
