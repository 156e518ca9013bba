namespace Damon.NodeAgent.Pods;

/// <summary>
/// Whose container a control group is, told by its path. A container that was given a control group of its own may make groups of any name below it, another container's among them; so what lies
/// in a pod of this node is that pod's, whatever it is called.
/// </summary>
internal sealed class WantedContainers
{
    private readonly Dictionary<string, WantedContainer> _byId = new(StringComparer.Ordinal);
    private readonly HashSet<string> _uids = new(StringComparer.Ordinal);

    public int Count => _byId.Count;

    public void Clear()
    {
        _byId.Clear();
        _uids.Clear();
    }

    /// <summary>Adds a pod of this node, wanted or not: what is in it is nobody else's.</summary>
    public void AddPod(PodRecord pod) => _uids.Add(CgroupSegment.Canonical(pod.CgroupUid));

    public void Add(WantedContainer container) => _byId[container.Id.Id] = container;

    public void Remove(WantedContainer container) => _byId.Remove(container.Id.Id);

    /// <summary>Goes one name further down.</summary>
    /// <param name="segment">The name.</param>
    /// <param name="lineage">What is above; becomes what is above the groups in this one.</param>
    /// <param name="container">Whose group it is.</param>
    /// <returns>Whether it is the group of a wanted container.</returns>
    public bool TryTake(ReadOnlySpan<char> segment, ref CgroupLineage lineage, out WantedContainer container)
    {
        if (lineage.OwnerUid is null && CgroupSegment.TryGetPodUid(segment, out var uid))
        {
            lineage = _uids.Contains(uid) ? new CgroupLineage(uid, IsForeign: false) : new CgroupLineage(OwnerUid: null, IsForeign: true);
        }

        container = default;
        return CgroupSegment.TryGetContainerId(segment, out var id)
            && _byId.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(id, out container)
            && (lineage.OwnerUid is { } owner ? owner == CgroupSegment.Canonical(container.Pod.CgroupUid) : !lineage.IsForeign);
    }
}
