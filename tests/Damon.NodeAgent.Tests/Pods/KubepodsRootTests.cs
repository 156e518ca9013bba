using Damon.Api.Schemes;
using Damon.NodeAgent.Pods;

namespace Damon.NodeAgent.Tests.Pods;

public class KubepodsRootTests
{
    private const string Systemd = "/kubepods.slice";
    private const string Cgroupfs = "/kubepods";
    private const string Uid = PodRecords.Uid;
    private const string Uid_ = PodRecords.UidWithUnderscores;
    private const string Hash = "a5363f4f31e043bdae3c93aca4991903";

    [Theory]
    [InlineData(Systemd, QosClass.Burstable, Uid, "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" + Uid_ + ".slice")]
    [InlineData(Systemd, QosClass.BestEffort, Uid, "/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod" + Uid_ + ".slice")]
    [InlineData(Systemd, QosClass.Guaranteed, Uid, "/kubepods.slice/kubepods-pod" + Uid_ + ".slice")]
    [InlineData(Systemd, QosClass.Burstable, Hash, "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" + Hash + ".slice")]
    [InlineData(Cgroupfs, QosClass.Burstable, Uid, "/kubepods/burstable/pod" + Uid)]
    [InlineData(Cgroupfs, QosClass.BestEffort, Uid, "/kubepods/besteffort/pod" + Uid)]
    [InlineData(Cgroupfs, QosClass.Guaranteed, Uid, "/kubepods/pod" + Uid)]
    [InlineData(Cgroupfs, QosClass.Guaranteed, Hash, "/kubepods/pod" + Hash)]
    [InlineData("/kubelet.slice/kubelet-kubepods.slice", QosClass.Burstable, Uid, "/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-burstable.slice/kubelet-kubepods-burstable-pod" + Uid_ + ".slice")]
    [InlineData("/kubelet.slice/kubelet-kubepods.slice", QosClass.Guaranteed, Uid, "/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod" + Uid_ + ".slice")]
    [InlineData("/a.slice/a-b_c.slice/a-b_c-kubepods.slice", QosClass.BestEffort, Uid, "/a.slice/a-b_c.slice/a-b_c-kubepods.slice/a-b_c-kubepods-besteffort.slice/a-b_c-kubepods-besteffort-pod" + Uid_ + ".slice")]
    [InlineData("/docker/4f0c/kubepods", QosClass.BestEffort, Uid, "/docker/4f0c/kubepods/besteffort/pod" + Uid)]
    public void A_pod_s_group_is_named_by_root_class_and_uid(string root, QosClass qosClass, string uid, string path)
    {
        KubepodsRoot.TryRecognize(root, out var recognized).Should().BeTrue();
        recognized.PodPath(qosClass, uid).Should().Be(path);
    }

    [Theory]
    [InlineData(Systemd, "containerd://4f0c", "cri-containerd-4f0c.scope")]
    [InlineData(Systemd, "cri-o://4f0c", "crio-4f0c.scope")]
    [InlineData(Systemd, "docker://4f0c", "docker-4f0c.scope")]
    [InlineData(Systemd, "other://4f0c", null)]
    [InlineData(Cgroupfs, "containerd://4f0c", "4f0c")]
    [InlineData(Cgroupfs, "cri-o://4f0c", "crio-4f0c")]
    [InlineData(Cgroupfs, "docker://4f0c", "4f0c")]
    [InlineData(Cgroupfs, "other://4f0c", null)]
    public void A_container_s_group_is_named_by_driver_runtime_and_id(string root, string runtimeId, string? name)
    {
        KubepodsRoot.TryRecognize(root, out var recognized).Should().BeTrue();
        RuntimeContainerId.TryParse(runtimeId, out var id).Should().BeTrue();
        recognized.ContainerName(id).Should().Be(name);
    }

    [Theory]
    [InlineData("/kubepods.slice/kubepods-burstable.slice")]
    [InlineData("/kubepods/burstable")]
    [InlineData("/notkubepods.slice")]
    [InlineData("/notkubepods")]
    [InlineData("/kubepods-x.slice")]
    [InlineData("/kubepods.scope")]
    [InlineData("/")]
    [InlineData("")]
    public void What_is_called_otherwise_is_no_kubelet_s_root(string path) => KubepodsRoot.TryRecognize(path, out _).Should().BeFalse();

    [Fact]
    public void The_well_known_roots_are_roots_by_their_names()
    {
        foreach (var known in KubepodsRoot.WellKnown)
        {
            KubepodsRoot.TryRecognize(known.Path, out var root).Should().BeTrue();
            root.Should().Be(known);
        }
    }
}
