namespace Damon.NodeAgent.Pods;

/// <summary>
/// What one look found different from the one before. Take what vanished away first: a container whose control group was made again, or has only now become known, is both in <see cref="Vanished"/>, as it was, and
/// in <see cref="Appeared"/>, as it is.
/// </summary>
/// <param name="Appeared">Containers that were not there at the last look.</param>
/// <param name="Changed">Containers with other processes than at the last look.</param>
/// <param name="Vanished">Containers that were there at the last look and are not now.</param>
/// <param name="Missing">All containers that were looked for now and are not there, not only those that are new to the list.</param>
/// <param name="ProcessesLeftOut">Processes in all containers that were seen but not looked at.</param>
/// <param name="ProcessesUnseen">Processes in all containers that are of another pid namespace.</param>
internal sealed record ContainerLook(
    IReadOnlyList<ContainerMemory> Appeared,
    IReadOnlyList<ContainerChange> Changed,
    IReadOnlyList<VanishedContainer> Vanished,
    IReadOnlyList<MissingContainer> Missing,
    int ProcessesLeftOut,
    int ProcessesUnseen)
{
    /// <summary>Whether everything is as it was at the last look.</summary>
    public bool IsSame => Appeared.Count == 0 && Changed.Count == 0 && Vanished.Count == 0;
}
