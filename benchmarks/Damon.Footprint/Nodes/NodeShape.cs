namespace Damon.Footprint.Nodes;

/// <summary>What the simulated node has.</summary>
/// <param name="Pods">Pods, each with one container.</param>
/// <param name="ProcessesPerPod">Processes of each container.</param>
/// <param name="HeapBytes">Anonymous memory of each process; a multiple of 2 MiB.</param>
internal sealed record NodeShape(int Pods, int ProcessesPerPod, ulong HeapBytes)
{
    /// <summary>All processes.</summary>
    public int Processes => Pods * ProcessesPerPod;
}
