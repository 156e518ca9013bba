using Damon.NodeAgent.Cluster;
using Damon.NodeAgent.Plans;
using Damon.NodeAgent.Pods;

namespace Damon.NodeAgent.Tests.Cluster;

/// <summary>Takes what the feed hears into an intake, as the loop does, and keeps a record of it.</summary>
internal sealed class RecordingSink(PlanIntake intake) : IClusterSink
{
    public List<string> Calls { get; } = [];

    /// <summary>The latest pods; null before the first.</summary>
    public IReadOnlyList<PodRecord>? Pods { get; private set; }

    /// <summary>How many pods each telling had.</summary>
    public List<int> PodCounts { get; } = [];

    public bool? HasMemoryPressure { get; private set; }

    public bool IsPaused { get; private set; }

    public void PutNode(ReadOnlyMemory<byte> json)
    {
        Calls.Add("node");
        intake.TakeNode(json);
    }

    public void PutNodeAbsent()
    {
        Calls.Add("no node");
        intake.TakeNodeAbsent();
    }

    public void PutConfig(ReadOnlyMemory<byte> json)
    {
        Calls.Add("config");
        intake.TakeConfig(json);
    }

    public void PutConfigAbsent()
    {
        Calls.Add("no config");
        intake.TakeConfigAbsent();
    }

    public void PutHeard() => intake.Heard();

    public void PutPods(IReadOnlyCollection<PodRecord> pods)
    {
        Pods = [.. pods.OrderBy(pod => pod.Name, StringComparer.Ordinal)];
        PodCounts.Add(pods.Count);
    }

    public void PutMemoryPressure(bool isTrue) => HasMemoryPressure = isTrue;

    public void PutPaused(bool isPaused) => IsPaused = isPaused;
}
