using Damon.Engine.Host;

namespace Damon.NodeAgent.Pods;

/// <summary>A container that a <see cref="ContainerFinder"/> has found, with what it remembers of it from one look to the next.</summary>
/// <param name="wanted">The container.</param>
internal sealed class FollowedContainer(WantedContainer wanted)
{
    public WantedContainer Wanted { get; set; } = wanted;

    /// <summary>Null where only its processes are known.</summary>
    public CgroupIdentity? Cgroup { get; init; }

    public CgroupIdentity? PodCgroup { get; init; }

    /// <summary>What was last told of it; null before it was told of.</summary>
    public ContainerMemory? Memory { get; set; }

    /// <summary>The pids its group has at this look.</summary>
    public List<int> Pids { get; } = [];

    /// <summary>Its processes as of the last look; see <see cref="Next"/>.</summary>
    public Dictionary<int, ProcessIdentity> Processes { get; private set; } = [];

    /// <summary>Its processes as of this look, until they become <see cref="Processes"/>.</summary>
    public Dictionary<int, ProcessIdentity> Next { get; private set; } = [];

    public int LeftOut { get; set; }

    public int Unseen { get; set; }

    /// <summary>Where among the new pids the next look begins, when there are more than it may look at.</summary>
    public int Cursor { get; set; }

    public void Turn()
    {
        (Processes, Next) = (Next, Processes);
        Next.Clear();
    }
}
