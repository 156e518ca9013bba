namespace Damon.NodeAgent.Pods;

/// <summary>How a finder looks, and how much at most.</summary>
internal sealed record ContainerFinderOptions
{
    /// <summary>
    /// The control group below which this node's pods are, as a path in the hierarchy, for example <c>/system.slice/docker-4f0c….scope</c> for one of several nodes that are containers of this machine.
    /// Empty: the whole tree.
    /// </summary>
    public string CgroupRoot { get; init; } = "";

    /// <summary>So many processes of one container are followed at most; at least 1.</summary>
    public int MaxProcessesPerContainer { get; init; } = 512;

    /// <summary>So many processes of all containers together; when there are more, containers with few keep all of theirs. At least 1.</summary>
    public int MaxProcesses { get; init; } = 8192;

    /// <summary>The whole tree and all of /proc are looked through no more often than this.</summary>
    public TimeSpan SearchEvery { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A container that no search has found is searched for ever more seldom, but at least this often.</summary>
    public TimeSpan SearchAtLeastEvery { get; init; } = TimeSpan.FromMinutes(5);
}
