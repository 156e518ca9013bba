using System.Text;
using CsCheck;
using Damon.NodeAgent.Pods;
using Damon.Testing;

namespace Damon.NodeAgent.Tests.Pods;

public class ContainerFinderHostileTests
{
    private static readonly string[] Targets = ["/cgroup.procs", "/cgroup.stat", "stat", "cgroup"];

    private static readonly Gen<byte[]> Hostile = Gen.OneOf(
        Gen.Byte.Array[0, 300],
        Gen.OneOf("0\n", "1\n", "-1\n", "4294967296\n", "99999999999999999999\n", "1000\n", "1001\n", "\0\0\0\n", "0::/", "0::", ":::::\n", "4:memory:", "0::/../../..", "\n", ")", "1000 (", "cri-containerd-")
            .Array[0, 40].Select(parts => Encoding.UTF8.GetBytes(string.Concat(parts))),
        Gen.Select(Gen.Int[0, 200], Gen.Char.Array[0, 20]).Select((slashes, tail) => Encoding.UTF8.GetBytes("0::" + new string('/', slashes) + new string(tail) + "\n")));

    private static readonly Gen<string> Names = Gen.OneOf(
        Gen.OneOf("kubepods", "kubepods.slice", "x-kubepods.slice", "pod" + PodRecords.Uid, "pod" + PodRecords.OtherUid, PodRecords.Id, "crio-conmon-" + PodRecords.Id, "cri-containerd-" + PodRecords.OtherId + ".scope", "a"),
        Gen.Char['!', '~'].Array[1, 60].Select(letters => new string(letters).Replace('/', '.').TrimStart('.') + "x"));

    [Fact]
    public void Whatever_the_kernel_s_files_hold_nothing_is_thrown_and_nobody_gets_a_foreign_process() =>
        Gen.Select(Gen.Int[0, Targets.Length - 1], Gen.Bool, Hostile, Gen.Bool).Sample(
            (target, systemd, content, knowsBefore) =>
            {
                using var host = new FakeHost();
                var node = new FakeKubepods(host, systemd ? FakeCgroupDriver.Systemd : FakeCgroupDriver.Cgroupfs);
                var first = node.AddPod(PodRecords.Uid).Start("app", PodRecords.Id);
                var second = node.AddPod(PodRecords.OtherUid).Start("app", PodRecords.OtherId);
                PodRecord[] pods = [PodRecords.Of(first.Pod), PodRecords.Of(second.Pod)];
                var time = new VirtualTime();
                var finder = new ContainerFinder(host.Root, time);
                if (knowsBefore)
                {
                    finder.Look(pods);
                }

                var file = Targets[target];
                host.Write(file[0] == '/' ? first.Directory + file : $"/proc/{first.Processes[0].Pid}/{file}", content);
                for (var i = 0; i < 3; i++)
                {
                    finder.Look(pods);
                    time.Advance(TimeSpan.FromSeconds(10));
                    foreach (var found in finder.Containers)
                    {
                        var mine = found.RuntimeId == first.RuntimeId ? first : second;
                        found.Processes.Where(one => !ReferenceEquals(node.OwnerOf(one.Pid), mine)).Should().BeEmpty();
                    }

                    finder.Containers.Single(one => one.RuntimeId == second.RuntimeId).Processes.Should().Equal(second.Processes);
                }
            },
            iter: 300);

    /// <summary>Where a container is in no known place the whole tree is looked through, and then every process is asked: in a tree whose groups are named by anybody, and while files are garbled, far too long or gone.</summary>
    [Fact]
    public void Whatever_the_tree_looks_like_nobody_gets_a_foreign_process() =>
        Gen.Select(Names.Array[0, 12], Gen.Int[0, Targets.Length - 1], Gen.Int[0, 3], Hostile, Gen.Bool).Sample(
            (names, target, damage, content, isBelowPods) =>
            {
                using var host = new FakeHost();
                var node = new FakeKubepods(host);
                var lost = node.AddPod(PodRecords.Uid).Start("app", PodRecords.Id, isBelowPods ? "anyhow-" + PodRecords.Id : $"/elsewhere.slice/{PodRecords.Id}");
                var second = node.AddPod(PodRecords.OtherUid).Start("app", PodRecords.OtherId);
                var path = node.Mount;
                foreach (var name in names)
                {
                    path = name.Length % 3 == 0 ? $"{node.Mount}/{name}" : $"{path}/{name}";
                    host.Write(path + "/cgroup.procs", $"{second.Processes[0].Pid}\n");
                }

                var file = Targets[target][0] == '/' ? lost.Directory + Targets[target] : $"/proc/{lost.Processes[0].Pid}/{Targets[target]}";
                _ = damage switch
                {
                    0 => host,
                    1 => host.Write(file, content),
                    2 => host.Write(file, new string('1', 2 << 20)),
                    _ => host.Remove(file),
                };
                var time = new VirtualTime();
                var finder = new ContainerFinder(host.Root, time);
                for (var i = 0; i < 3; i++)
                {
                    finder.Look([PodRecords.Of(lost.Pod), PodRecords.Of(second.Pod)]);
                    time.Advance(TimeSpan.FromSeconds(15));
                    foreach (var found in finder.Containers)
                    {
                        var mine = found.RuntimeId == lost.RuntimeId ? lost : second;
                        found.Processes.Where(one => !ReferenceEquals(node.OwnerOf(one.Pid), mine)).Should().BeEmpty();
                    }

                    finder.Containers.Single(one => one.RuntimeId == second.RuntimeId).Processes.Should().Equal(second.Processes);
                }
            },
            iter: 200);

    [Fact]
    public void Whatever_stands_in_a_record_nothing_outside_the_tree_is_touched() =>
        Gen.Select(Gen.OneOf(Gen.String, Gen.OneOf("..", "../..", "/", "a/b", "\0", "", PodRecords.Uid)), Gen.OneOf(Gen.String, Gen.OneOf("containerd://..", "x://a/b", "://", PodRecords.Id))).Sample(
            (uid, runtimeId) =>
            {
                using var host = new FakeHost();
                var pod = new FakeKubepods(host).AddPod(PodRecords.Uid);
                var look = new ContainerFinder(host.Root, new VirtualTime()).Look([PodRecords.Of(pod, PodRecords.Running("app", runtimeId)) with { Uid = uid }]);
                look.Appeared.Should().BeEmpty();
                look.Missing.Should().ContainSingle();
            },
            iter: 200);
}
