using Damon.Api.Schemes;
using Damon.NodeAgent.Pods;

namespace Damon.NodeAgent.Tests.Pods;

public class PodRecordTests
{
    // The kubelet names groups by the uid it knows, and the mirror of a static pod in the API has another one. Whoever writes the annotation on a pod of their own gains nothing.
    [Theory]
    [InlineData(false, "", "api-uid")]
    [InlineData(true, "hash", "hash")]
    [InlineData(true, "", "api-uid")]
    [InlineData(false, "hash", "api-uid")]
    public void Only_a_static_pod_s_groups_are_named_by_its_hash(bool isStatic, string configHash, string cgroupUid) =>
        new PodRecord { Namespace = "a", Name = "b", Uid = "api-uid", QosClass = QosClass.Burstable, IsStatic = isStatic, ConfigHash = configHash }.CgroupUid.Should().Be(cgroupUid);
}
