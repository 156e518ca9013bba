using Damon.Api.Schemes;
using Damon.NodeAgent.Pods;

namespace Damon.Lab.Guest.Pods;

/// <summary>What an API server would say of the pods of the machine inside.</summary>
internal static class LabPod
{
    private const string GroupPrefix = "kubepods-burstable-pod";
    private const string ScopePrefix = "cri-containerd-";

    /// <summary>A pod of one container, whose control group is …/kubepods-burstable-podUID.slice/cri-containerd-ID.scope, with underscores in the uid.</summary>
    /// <param name="group">The group.</param>
    public static PodRecord Of(string group)
    {
        var names = group.Split('/');
        var uid = names[^2][GroupPrefix.Length..^".slice".Length].Replace('_', '-');
        var id = names[^1][ScopePrefix.Length..^".scope".Length];
        return new PodRecord
        {
            Namespace = "lab",
            Name = uid,
            Uid = uid,
            QosClass = QosClass.Burstable,
            Phase = PodPhase.Running,
            Containers = [new ContainerRecord { Name = "app", RuntimeId = $"containerd://{id}", Running = true, StartedAt = DateTimeOffset.UnixEpoch }],
        };
    }
}
