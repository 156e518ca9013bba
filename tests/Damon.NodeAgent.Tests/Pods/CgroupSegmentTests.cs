using Damon.NodeAgent.Pods;

namespace Damon.NodeAgent.Tests.Pods;

public class CgroupSegmentTests
{
    private const string Id = PodRecords.Id;
    private const string Uid = PodRecords.Uid;
    private const string Uid_ = PodRecords.UidWithUnderscores;
    private const string Hash = "a5363f4f31e043bdae3c93aca4991903";

    [Theory]
    [InlineData(Id)]
    [InlineData(Id + ".scope")]
    [InlineData("cri-containerd-" + Id + ".scope")]
    [InlineData("crio-" + Id)]
    [InlineData("crio-" + Id + ".scope")]
    [InlineData("docker-" + Id + ".scope")]
    [InlineData("libpod-" + Id + ".scope")]
    [InlineData("kubepods-burstable-pod" + Uid_ + ".slice:cri-containerd:" + Id)]
    public void A_container_s_group_bears_its_id(string segment) => CgroupSegment.NamesContainer(segment, Id).Should().BeTrue();

    [Theory]
    [InlineData("crio-conmon-" + Id)]
    [InlineData("crio-conmon-" + Id + ".scope")]
    [InlineData("libpod-conmon-" + Id + ".scope")]
    [InlineData("cri-containerd-" + Id + ".scope (deleted)")]
    [InlineData("cri-containerd-" + Id + "0.scope")]
    [InlineData("cri-containerd-0" + Id + ".scope")]
    [InlineData("cri-containerd-.scope")]
    [InlineData("")]
    [InlineData(".scope")]
    [InlineData("..")]
    public void A_monitor_s_group_and_any_other_is_not_the_container_s(string segment) => CgroupSegment.NamesContainer(segment, Id).Should().BeFalse();

    [Theory]
    [InlineData("pod" + Uid, Uid)]
    [InlineData("pod" + Hash, Hash)]
    [InlineData("kubepods-pod" + Uid_ + ".slice", Uid)]
    [InlineData("kubepods-burstable-pod" + Uid_ + ".slice", Uid)]
    [InlineData("kubelet-kubepods-besteffort-pod" + Uid_ + ".slice", Uid)]
    [InlineData("kubepods-burstable-pod" + Hash + ".slice", Hash)]
    [InlineData("kubepods-burstable-pod" + Uid_ + ".slice:cri-containerd:" + Id, Uid)]
    public void A_pod_s_group_bears_its_uid(string segment, string uid)
    {
        CgroupSegment.TryGetPodUid(segment, out var found).Should().BeTrue();
        found.Should().Be(uid);
    }

    [Theory]
    [InlineData("kubepods")]
    [InlineData("kubepods.slice")]
    [InlineData("kubepods-burstable.slice")]
    [InlineData("podruntime.slice")]
    [InlineData("pods-that-are-managed-by-something-else")]
    [InlineData("cri-containerd-" + Id + ".scope")]
    [InlineData(Id)]
    [InlineData("pod")]
    [InlineData("")]
    [InlineData("..")]
    public void No_other_group_is_a_pod_s(string segment) => CgroupSegment.TryGetPodUid(segment, out _).Should().BeFalse();

    [Theory]
    [InlineData("containerd://" + Id, true)]
    [InlineData("cri-o://4F0c", true)]
    [InlineData("x://4f0c", true)]
    [InlineData("", false)]
    [InlineData(Id, false)]
    [InlineData("://" + Id, false)]
    [InlineData("containerd://", false)]
    [InlineData("containerd://..", false)]
    [InlineData("containerd://../../system.slice/sshd.service", false)]
    [InlineData("containerd://4f0c/../4f0d", false)]
    [InlineData("containerd://4f0c\n", false)]
    [InlineData("containerd://4f-0c", false)]
    [InlineData("containerd://" + Id + Id + "0", false)]
    public void Only_letters_and_digits_are_a_container_s_id(string text, bool isId) => RuntimeContainerId.TryParse(text, out _).Should().Be(isId);

    [Theory]
    [InlineData(Uid, true)]
    [InlineData(Hash, true)]
    [InlineData("my_static-pod", true)]
    [InlineData("", false)]
    [InlineData("..", false)]
    [InlineData("a/b", false)]
    [InlineData("a.slice", false)]
    public void Nothing_that_could_lead_elsewhere_is_a_pod_s_uid(string uid, bool isUid) => CgroupSegment.IsPlainUid(uid).Should().Be(isUid);
}
