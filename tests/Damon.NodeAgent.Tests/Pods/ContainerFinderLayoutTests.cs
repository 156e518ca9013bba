using Damon.Engine.Host;
using Damon.NodeAgent.Pods;
using Damon.Testing;

namespace Damon.NodeAgent.Tests.Pods;

public class ContainerFinderLayoutTests
{
    private const string Uid = PodRecords.Uid;
    private const string Uid_ = PodRecords.UidWithUnderscores;
    private const string Id = PodRecords.Id;
    private const string Burstable = "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" + Uid_ + ".slice/";
    private const string BestEffort = "/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod" + Uid_ + ".slice/";
    private const string Guaranteed = "/kubepods.slice/kubepods-pod" + Uid_ + ".slice/";

    public static TheoryData<FakeCgroupDriver, FakeContainerRuntime, FakeQos, string> Paths => new()
    {
        { FakeCgroupDriver.Systemd, FakeContainerRuntime.Containerd, FakeQos.Burstable, Burstable + "cri-containerd-" + Id + ".scope" },
        { FakeCgroupDriver.Systemd, FakeContainerRuntime.Containerd, FakeQos.BestEffort, BestEffort + "cri-containerd-" + Id + ".scope" },
        { FakeCgroupDriver.Systemd, FakeContainerRuntime.Containerd, FakeQos.Guaranteed, Guaranteed + "cri-containerd-" + Id + ".scope" },
        { FakeCgroupDriver.Systemd, FakeContainerRuntime.CriO, FakeQos.Burstable, Burstable + "crio-" + Id + ".scope" },
        { FakeCgroupDriver.Systemd, FakeContainerRuntime.CriO, FakeQos.BestEffort, BestEffort + "crio-" + Id + ".scope" },
        { FakeCgroupDriver.Systemd, FakeContainerRuntime.CriO, FakeQos.Guaranteed, Guaranteed + "crio-" + Id + ".scope" },
        { FakeCgroupDriver.Systemd, FakeContainerRuntime.Docker, FakeQos.Burstable, Burstable + "docker-" + Id + ".scope" },
        { FakeCgroupDriver.Systemd, FakeContainerRuntime.Docker, FakeQos.BestEffort, BestEffort + "docker-" + Id + ".scope" },
        { FakeCgroupDriver.Systemd, FakeContainerRuntime.Docker, FakeQos.Guaranteed, Guaranteed + "docker-" + Id + ".scope" },
        { FakeCgroupDriver.Cgroupfs, FakeContainerRuntime.Containerd, FakeQos.Burstable, "/kubepods/burstable/pod" + Uid + "/" + Id },
        { FakeCgroupDriver.Cgroupfs, FakeContainerRuntime.Containerd, FakeQos.BestEffort, "/kubepods/besteffort/pod" + Uid + "/" + Id },
        { FakeCgroupDriver.Cgroupfs, FakeContainerRuntime.Containerd, FakeQos.Guaranteed, "/kubepods/pod" + Uid + "/" + Id },
        { FakeCgroupDriver.Cgroupfs, FakeContainerRuntime.CriO, FakeQos.Burstable, "/kubepods/burstable/pod" + Uid + "/crio-" + Id },
        { FakeCgroupDriver.Cgroupfs, FakeContainerRuntime.CriO, FakeQos.BestEffort, "/kubepods/besteffort/pod" + Uid + "/crio-" + Id },
        { FakeCgroupDriver.Cgroupfs, FakeContainerRuntime.CriO, FakeQos.Guaranteed, "/kubepods/pod" + Uid + "/crio-" + Id },
        { FakeCgroupDriver.Cgroupfs, FakeContainerRuntime.Docker, FakeQos.Burstable, "/kubepods/burstable/pod" + Uid + "/" + Id },
        { FakeCgroupDriver.Cgroupfs, FakeContainerRuntime.Docker, FakeQos.BestEffort, "/kubepods/besteffort/pod" + Uid + "/" + Id },
        { FakeCgroupDriver.Cgroupfs, FakeContainerRuntime.Docker, FakeQos.Guaranteed, "/kubepods/pod" + Uid + "/" + Id },
    };

    [Theory]
    [MemberData(nameof(Paths))]
    public void A_container_is_found_where_driver_runtime_and_class_put_it(FakeCgroupDriver driver, FakeContainerRuntime runtime, FakeQos qos, string path)
    {
        foreach (var (version, mount) in new[] { (CgroupVersion.V2, "/sys/fs/cgroup"), (CgroupVersion.V1, "/sys/fs/cgroup/memory"), (CgroupVersion.Hybrid, "/sys/fs/cgroup/memory") })
        {
            using var host = new FakeHost();
            var node = new FakeKubepods(host, driver, runtime, version);
            var container = node.AddPod(Uid, qos).Start("app", Id);
            container.Path.Should().Be(path, "the fake lays it out so");

            var found = FindOne(node, PodRecords.Of(container.Pod));

            found.Processes.Should().Equal(container.Processes);
            found.Cgroup.Should().Be(new CgroupIdentity(path, mount + path, host.Root.Identify(mount + path).Value, HasFigures: version == CgroupVersion.V2));
            found.PodCgroup!.Value.Path.Should().Be(path[..path.LastIndexOf('/')]);
        }
    }

    [Theory]
    [InlineData(CgroupVersion.V1)]
    [InlineData(CgroupVersion.Hybrid)]
    public void On_version_1_processes_are_found_and_figures_are_unsupported(CgroupVersion version)
    {
        using var host = new FakeHost();
        var node = new FakeKubepods(host, version: version);
        var container = node.AddPod(Uid).Start("app", Id);
        host.Write(container.Directory + "/memory.current", "4096\n");

        var found = FindOne(node, PodRecords.Of(container.Pod));

        found.Processes.Should().Equal(container.Processes);
        var figures = new CgroupFiguresReader(host.Root).Read(found.Cgroup!.Value);
        figures.Error.Kind.Should().Be(HostErrorKind.Unsupported);
        figures.Error.Detail.Should().NotBeEmpty();
    }

    [Theory]
    [InlineData(FakeCgroupDriver.Systemd, "", "")]
    [InlineData(FakeCgroupDriver.Systemd, "/kubelet", "")]
    [InlineData(FakeCgroupDriver.Cgroupfs, "/kubelet", "")]
    [InlineData(FakeCgroupDriver.Systemd, "/kubelet", "/system.slice/docker-" + PodRecords.ThirdId + ".scope")]
    [InlineData(FakeCgroupDriver.Cgroupfs, "", "/docker/" + PodRecords.ThirdId)]
    [InlineData(FakeCgroupDriver.Systemd, "/a/b-c", "")]
    [InlineData(FakeCgroupDriver.Cgroupfs, "/a/b-c", "")]
    [InlineData(FakeCgroupDriver.Systemd, "/kubelet", "/kubepods/besteffort/pod" + PodRecords.OtherUid + "/" + PodRecords.OtherId + "/docker/" + PodRecords.ThirdId)]
    public void A_kubelet_with_a_root_of_its_own_or_in_a_container_is_found_by_search(FakeCgroupDriver driver, string cgroupRoot, string nodePath)
    {
        using var host = new FakeHost();
        var node = new FakeKubepods(host, driver, cgroupRoot: cgroupRoot, nodePath: nodePath);
        var container = node.AddPod(Uid).Start("app", Id);

        FindOne(node, PodRecords.Of(container.Pod)).Cgroup!.Value.Path.Should().Be(container.Path);
    }

    [Fact]
    public void Of_several_nodes_on_one_machine_the_root_given_decides()
    {
        // Static pods of two nodes can have the same hash; a runtime would never give two containers the same id, but a finder that is told to keep below its own root does so anyway.
        using var host = new FakeHost();
        var first = new FakeKubepods(host, cgroupRoot: "/kubelet", nodePath: "/docker/one").AddPod(Uid).Start("app", Id);
        var second = new FakeKubepods(host, cgroupRoot: "/kubelet", nodePath: "/docker/two").AddPod(Uid);
        host.Write(second.Directory + "/cri-containerd-" + Id + ".scope/cgroup.procs", "");
        foreach (var root in new[] { "/docker/two", "docker/two/", "/docker/two/kubelet.slice" })
        {
            var finder = new ContainerFinder(host.Root, new VirtualTime(), new ContainerFinderOptions { CgroupRoot = root });
            finder.Look([PodRecords.Of(first.Pod)]).Appeared.Should().ContainSingle().Which.Cgroup!.Value.Path.Should().Be(second.Path + "/cri-containerd-" + Id + ".scope");
        }
    }

    [Fact]
    public void Folders_of_a_driver_the_node_was_moved_away_from_do_not_mislead()
    {
        using var host = new FakeHost();
        _ = new FakeKubepods(host, FakeCgroupDriver.Systemd);
        var container = new FakeKubepods(host, FakeCgroupDriver.Cgroupfs).AddPod(Uid).Start("app", Id);
        new ContainerFinder(host.Root, new VirtualTime()).Look([PodRecords.Of(container.Pod)]).Appeared.Should().ContainSingle().Which.Cgroup!.Value.Path.Should().Be(container.Path);
    }

    [Fact]
    public void A_layout_that_comes_later_is_found_when_a_lookup_misses()
    {
        using var host = new FakeHost();
        var time = new VirtualTime();
        var finder = new ContainerFinder(host.Root, time);
        var old = new FakeKubepods(host, FakeCgroupDriver.Cgroupfs).AddPod(Uid).Start("app", Id);
        finder.Look([PodRecords.Of(old.Pod)]).Appeared.Should().ContainSingle();
        finder.Roots.Should().Equal(new KubepodsRoot("/kubepods", CgroupDriver.Cgroupfs));

        var young = new FakeKubepods(host, FakeCgroupDriver.Systemd, cgroupRoot: "/x").AddPod(PodRecords.OtherUid).Start("app", PodRecords.OtherId);
        finder.Look([PodRecords.Of(old.Pod), PodRecords.Of(young.Pod)]).Appeared.Should().ContainSingle().Which.Cgroup!.Value.Path.Should().Be(young.Path);
        finder.Roots.Should().BeEquivalentTo([new KubepodsRoot("/kubepods", CgroupDriver.Cgroupfs), new KubepodsRoot("/x.slice/x-kubepods.slice", CgroupDriver.Systemd)]);
    }

    [Theory]
    [InlineData("/system.slice/containerd.service/kubepods-burstable-pod" + Uid_ + ".slice:cri-containerd:" + Id)]
    [InlineData("/docker/" + Id)]
    [InlineData("/system.slice/docker-" + Id + ".scope")]
    [InlineData("/elsewhere/pod" + Uid + "/" + Id)]
    public void A_group_in_an_unexpected_place_is_found_by_the_container_s_id(string path)
    {
        using var host = new FakeHost();
        var node = new FakeKubepods(host);
        var container = node.AddPod(Uid).Start("app", Id, path);
        var found = FindOne(node, PodRecords.Of(container.Pod));
        found.Cgroup!.Value.Path.Should().Be(path);
        found.Processes.Should().Equal(container.Processes);
        found.PodCgroup?.Path.Should().Be(path.Contains("/pod", StringComparison.Ordinal) ? "/elsewhere/pod" + Uid : null);
    }

    [Theory]
    [InlineData("crio-" + Id)]
    [InlineData("libpod-" + Id + ".scope")]
    public void A_group_of_another_runtime_s_habit_is_found_in_its_pod(string group)
    {
        using var host = new FakeHost();
        var node = new FakeKubepods(host);
        var pod = node.AddPod(Uid);
        var container = pod.Start("app", Id, group);
        FindOne(node, PodRecords.Of(pod, PodRecords.Running("app", "unknown://" + Id))).Cgroup!.Value.Path.Should().Be(container.Path);
    }

    [Fact]
    public void A_class_that_the_record_has_wrong_is_made_up_for()
    {
        using var host = new FakeHost();
        var node = new FakeKubepods(host);
        var container = node.AddPod(Uid, FakeQos.Guaranteed).Start("app", Id);
        FindOne(node, PodRecords.Of(container.Pod) with { QosClass = Damon.Api.Schemes.QosClass.BestEffort }).Cgroup!.Value.Path.Should().Be(container.Path);
    }

    [Theory]
    [InlineData(FakeCgroupDriver.Systemd)]
    [InlineData(FakeCgroupDriver.Cgroupfs)]
    public void A_static_pod_is_found_by_its_hash(FakeCgroupDriver driver)
    {
        const string Hash = "a5363f4f31e043bdae3c93aca4991903";
        using var host = new FakeHost();
        var node = new FakeKubepods(host, driver);
        var container = node.AddPod(Hash).Start("etcd", Id);
        var mirror = PodRecords.Of(container.Pod) with { Uid = Uid, IsStatic = true, ConfigHash = Hash };

        var found = FindOne(node, mirror);

        found.PodUid.Should().Be(Uid);
        found.Processes.Should().Equal(container.Processes);
    }

    [Theory]
    [InlineData(FakeCgroupDriver.Systemd, "crio-conmon-" + Id + ".scope")]
    [InlineData(FakeCgroupDriver.Cgroupfs, "crio-conmon-" + Id)]
    public void The_monitor_of_a_container_is_not_in_it(FakeCgroupDriver driver, string monitor)
    {
        using var host = new FakeHost();
        var node = new FakeKubepods(host, driver, FakeContainerRuntime.CriO);
        var pod = node.AddPod(Uid);
        var conmon = pod.Start("conmon", PodRecords.OtherId, monitor);
        var record = PodRecords.Of(pod, PodRecords.Running("app", "cri-o://" + Id));
        var finder = new ContainerFinder(host.Root, new VirtualTime());
        finder.Look([record]).Missing.Should().ContainSingle().Which.Reason.Should().Be(MissingReason.CgroupGone);

        var container = pod.Start("app", Id);
        finder.Look([record]).Appeared.Should().ContainSingle().Which.Processes.Should().Equal(container.Processes).And.NotContain(conmon.Processes);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod0a1b2c3d_1111_4222_8333_abcdefabcdef.slice/cri-containerd-" + PodRecords.OtherId + ".scope")]
    [InlineData("/system.slice/agent.service")]
    public void Paths_relative_to_the_agent_s_own_namespace_are_understood(string readerNamespace)
    {
        using var host = new FakeHost();
        var node = new FakeKubepods(host) { ReaderNamespace = readerNamespace };
        var container = node.AddPod(Uid).Start("app", Id);
        FindOne(node, PodRecords.Of(container.Pod)).Processes.Should().Equal(container.Processes);
    }

    [Theory]
    [InlineData(CgroupVersion.V2, "")]
    [InlineData(CgroupVersion.V1, "")]
    [InlineData(CgroupVersion.V2, "/system.slice/agent.service")]
    public void Where_no_group_can_be_seen_processes_are_found_by_what_they_say_of_themselves(CgroupVersion version, string readerNamespace)
    {
        using var host = new FakeHost();
        var node = new FakeKubepods(host, version: version) { ReaderNamespace = readerNamespace };
        var container = node.AddPod(Uid).Start("app", Id);
        container.Fork();
        node.AddPod(PodRecords.OtherUid).Start("other", PodRecords.OtherId);
        host.Remove(node.Mount + node.Root);
        var record = PodRecords.Of(container.Pod);
        var time = new VirtualTime();
        var finder = new ContainerFinder(host.Root, time);

        var found = finder.Look([record]).Appeared.Should().ContainSingle().Which;
        found.Cgroup.Should().BeNull();
        found.Processes.Should().Equal(container.Processes);

        // What has ended is seen at once, what is new at the next scan.
        var (first, second) = (container.Processes[0], container.Processes[1]);
        host.Remove($"/proc/{first.Pid}");
        node.WriteProcess(new ProcessIdentity(4000, 1), container.Path);
        finder.Look([record]).Changed.Should().ContainSingle().Which.Removed.Should().Equal(first);
        time.Advance(TimeSpan.FromSeconds(10));
        finder.Look([record]).Changed.Should().ContainSingle().Which.Added.Should().Equal(new ProcessIdentity(4000, 1));

        host.Remove("/proc/4000").Remove($"/proc/{second.Pid}");
        time.Advance(TimeSpan.FromSeconds(10));
        finder.Look([record]).Vanished.Should().ContainSingle().Which.Reason.Should().Be(MissingReason.CgroupGone);
    }

    [Fact]
    public void Without_any_control_groups_the_reason_is_said()
    {
        using var host = new FakeHost();
        var record = PodRecords.Of(new FakeKubepods(host).AddPod(Uid), PodRecords.Running("app", "containerd://" + Id));
        host.Remove("/sys/fs/cgroup");
        new ContainerFinder(host.Root, new VirtualTime()).Look([record]).Missing.Should().ContainSingle().Which.Should().Match<MissingContainer>(m => m.Reason == MissingReason.NoCgroups && m.Text.Length > 0);
    }

    [Fact]
    public void Without_any_kubelet_s_group_the_reason_is_said()
    {
        using var host = new FakeHost();
        var node = new FakeKubepods(host);
        var record = PodRecords.Of(node.AddPod(Uid), PodRecords.Running("app", "containerd://" + Id));
        host.Remove(node.Mount + node.Root);
        new ContainerFinder(host.Root, new VirtualTime()).Look([record]).Missing.Should().ContainSingle().Which.Should().Match<MissingContainer>(m => m.Reason == MissingReason.NoSuchLayout && m.Text.Length > 0);
    }

    [Theory]
    [InlineData("/a/../..", 1, 1)]
    [InlineData("", 0, 1)]
    [InlineData("", 1, 0)]
    public void A_finder_that_could_not_work_is_refused(string root, int maxEach, int maxTogether)
    {
        using var host = new FakeHost();
        var act = () => new ContainerFinder(host.Root, new VirtualTime(), new ContainerFinderOptions { CgroupRoot = root, MaxProcessesPerContainer = maxEach, MaxProcesses = maxTogether });
        act.Should().Throw<ArgumentException>();
    }

    private static ContainerMemory FindOne(FakeKubepods node, PodRecord record)
    {
        var look = new ContainerFinder(node.Host.Root, new VirtualTime()).Look([record]);
        look.Missing.Should().BeEmpty();
        return look.Appeared.Should().ContainSingle().Which;
    }
}
