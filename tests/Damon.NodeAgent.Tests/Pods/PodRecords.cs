using Damon.Api.Schemes;
using Damon.NodeAgent.Pods;
using Damon.Testing;

namespace Damon.NodeAgent.Tests.Pods;

/// <summary>What the API would say of fake pods, and names that look like real ones.</summary>
internal static class PodRecords
{
    public const string Uid = "8f1d2c3b-4a59-4e6f-9b70-112233445566";
    public const string UidWithUnderscores = "8f1d2c3b_4a59_4e6f_9b70_112233445566";
    public const string OtherUid = "0a1b2c3d-1111-4222-8333-abcdefabcdef";
    public const string Id = "4f0c2a7d9e1b3c5d7f9a0b2c4d6e8f01234567890abcdef1234567890abcdef0";
    public const string OtherId = "b1946ac92492d2347c6235b4d2611184b1946ac92492d2347c6235b4d2611184";
    public const string ThirdId = "c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00";

    public static string UidOf(int number) => $"00000000-0000-4000-8000-{number:x12}";

    public static string IdOf(int number) => $"{number:x64}";

    public static PodRecord Of(FakePod pod) => Of(pod, [.. pod.Containers.Select(Of)]);

    public static PodRecord Of(FakePod pod, params IReadOnlyList<ContainerRecord> containers) => new()
    {
        Namespace = "shop",
        Name = "pod-" + pod.CgroupUid[..8],
        Uid = pod.CgroupUid,
        QosClass = pod.Qos switch
        {
            FakeQos.Guaranteed => QosClass.Guaranteed,
            FakeQos.Burstable => QosClass.Burstable,
            _ => QosClass.BestEffort,
        },
        Phase = PodPhase.Running,
        Containers = containers,
    };

    public static ContainerRecord Of(FakeContainer container) => Running(container.Name, container.RuntimeId);

    public static ContainerRecord Running(string name, string runtimeId) => new() { Name = name, RuntimeId = runtimeId, Running = true, StartedAt = DateTimeOffset.UnixEpoch };
}
