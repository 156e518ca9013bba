using System.Text;
using Damon.Engine.Host;
using Damon.NodeAgent.Pods;
using Damon.Testing;

namespace Damon.NodeAgent.Tests.Pods;

public sealed class ContainerFinderTests : IDisposable
{
    private const string Uid = PodRecords.Uid;
    private const string OtherUid = PodRecords.OtherUid;
    private const string Id = PodRecords.Id;
    private const string OtherId = PodRecords.OtherId;
    private const string ThirdId = PodRecords.ThirdId;

    private readonly FakeHost _host = new();
    private readonly VirtualTime _time = new();
    private readonly FakeKubepods _node;

    public ContainerFinderTests() => _node = new FakeKubepods(_host);

    public void Dispose() => _host.Dispose();

    [Fact]
    public void A_look_at_which_nothing_has_happened_says_so()
    {
        var pod = _node.AddPod(Uid);
        pod.Start("app", Id);
        var finder = NewFinder();
        finder.Look([PodRecords.Of(pod)]).IsSame.Should().BeFalse();
        var before = finder.Containers.Single();

        finder.Look([PodRecords.Of(pod)]).IsSame.Should().BeTrue();

        finder.Containers.Single().Should().BeSameAs(before);
    }

    [Fact]
    public void Processes_of_groups_below_the_container_s_are_its_own()
    {
        var pod = _node.AddPod(Uid);
        var container = pod.Start("app", Id);
        container.Fork(path: container.Nest("init"));
        container.Fork(path: container.Nest("workers/one/deep"));
        var finder = NewFinder();
        finder.Look([PodRecords.Of(pod)]).Appeared.Single().Processes.Should().HaveCount(3).And.Equal(container.Processes);

        var later = container.Fork(path: container.Nest("workers/two"));
        finder.Look([PodRecords.Of(pod)]).Changed.Single().Added.Should().Equal(later);
    }

    [Fact]
    public void A_container_that_is_started_again_is_another_one()
    {
        var pod = _node.AddPod(Uid);
        var first = pod.Start("app", Id);
        var finder = NewFinder();
        var stale = PodRecords.Of(pod);
        finder.Look([stale]);
        var second = first.Restart(OtherId);

        // The API takes a second to know of it.
        var lagging = finder.Look([stale]);
        lagging.Vanished.Single().Reason.Should().Be(MissingReason.CgroupGone);
        lagging.Missing.Single().Reason.Should().Be(MissingReason.CgroupGone);
        finder.Containers.Should().BeEmpty("the new container's id is not known yet, and nothing else says whose it is");

        var look = finder.Look([PodRecords.Of(pod)]);
        look.Appeared.Single().RuntimeId.Should().Be(second.RuntimeId);
        look.Missing.Should().BeEmpty();
    }

    [Fact]
    public void A_pod_that_is_being_ended_is_followed_until_it_has()
    {
        var pod = _node.AddPod(Uid);
        pod.Start("app", Id);
        var finder = NewFinder();
        var record = PodRecords.Of(pod) with { IsTerminating = true };
        finder.Look([record]).Appeared.Should().ContainSingle();
        pod.Remove();
        finder.Look([record]).Vanished.Single().Reason.Should().Be(MissingReason.CgroupGone);
        finder.Look([]).Missing.Should().BeEmpty();
    }

    [Fact]
    public void Why_a_container_is_not_followed_any_more_is_said()
    {
        var pod = _node.AddPod(Uid);
        var app = pod.Start("app", Id);
        pod.Start("side", OtherId);
        var finder = NewFinder();
        finder.Look([PodRecords.Of(pod)]);

        finder.Look([PodRecords.Of(pod, PodRecords.Of(app) with { Running = false }, PodRecords.Of(pod.Containers[1]))]).Vanished.Single().Reason.Should().Be(MissingReason.Ended);
        finder.Look([]).Vanished.Single().Reason.Should().Be(MissingReason.PodGone);
    }

    [Fact]
    public void Each_kind_of_container_is_told_apart()
    {
        var pod = _node.AddPod(Uid);
        ContainerKind[] kinds = [ContainerKind.App, ContainerKind.Init, ContainerKind.Sidecar, ContainerKind.Ephemeral];
        var containers = kinds.Select((kind, i) => PodRecords.Of(pod.Start($"c{i}", PodRecords.IdOf(i + 1))) with { Kind = kind }).ToArray();
        var look = NewFinder().Look([PodRecords.Of(pod, containers)]);
        look.Appeared.ToDictionary(one => one.Name, one => one.Kind).Should().BeEquivalentTo(
            new Dictionary<string, ContainerKind> { ["c0"] = ContainerKind.App, ["c1"] = ContainerKind.Init, ["c2"] = ContainerKind.Sidecar, ["c3"] = ContainerKind.Ephemeral });
    }

    [Fact]
    public void A_process_that_runs_another_program_is_still_the_same()
    {
        var container = _node.AddPod(Uid).Start("app", Id);
        var finder = NewFinder();
        finder.Look([PodRecords.Of(container.Pod)]);
        container.Exec(container.Processes[0].Pid);
        finder.Look([PodRecords.Of(container.Pod)]).IsSame.Should().BeTrue();
    }

    [Fact]
    public void Processes_that_have_ended_are_not_counted_among_the_living()
    {
        var container = _node.AddPod(Uid).Start("app", Id);
        var zombie = container.Fork();
        container.BecomeZombie(zombie.Pid);
        var unnoticed = container.Fork();
        container.ExitUnnoticed(unnoticed.Pid);
        var halfGone = container.Fork();
        _host.Write($"/proc/{halfGone.Pid}/stat", "");
        var noGroup = container.Fork();
        _host.Remove($"/proc/{noGroup.Pid}/cgroup");
        NewFinder().Look([PodRecords.Of(container.Pod)]).Appeared.Single().Processes.Should().Equal(container.Processes[0]);
    }

    [Fact]
    public void A_pid_used_again_in_the_same_container_is_another_process()
    {
        var container = _node.AddPod(Uid).Start("app", Id);
        var finder = NewFinder();
        finder.Look([PodRecords.Of(container.Pod)]);
        var before = container.Processes[0];
        container.Exit(before.Pid);
        var after = container.Fork(before.Pid);
        var change = finder.Look([PodRecords.Of(container.Pod)]).Changed.Single();
        change.Added.Should().Equal(after);
        change.Removed.Should().Equal(before);
        change.Container.Processes.Should().Equal(after);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_pid_used_again_by_another_container_never_stays_with_the_first(bool firstKnewIt)
    {
        var first = _node.AddPod(Uid).Start("app", Id);
        var second = _node.AddPod(OtherUid).Start("app", OtherId);
        PodRecord[] pods = [PodRecords.Of(first.Pod), PodRecords.Of(second.Pod)];
        var finder = NewFinder();
        if (firstKnewIt)
        {
            finder.Look(pods);
        }

        // The first container's list still has the pid, as when it was read a moment too early.
        var pid = first.Processes[0].Pid;
        first.ExitUnnoticed(pid);
        var taken = second.Fork(pid);
        finder.Look(pods);

        _host.ReadText(first.Directory + "/cgroup.procs").Should().Contain($"{pid}");
        Find(finder, first)!.Processes.Should().BeEmpty();
        Find(finder, second)!.Processes.Should().Contain(taken);
    }

    [Fact]
    public void A_process_of_no_pod_that_takes_a_pid_over_is_nobody_s()
    {
        var container = _node.AddPod(Uid).Start("app", Id);
        var finder = NewFinder();
        finder.Look([PodRecords.Of(container.Pod)]);
        var pid = container.Processes[0].Pid;
        container.ExitUnnoticed(pid);
        _node.StartOutside("/system.slice/sshd.service", pid);
        finder.Look([PodRecords.Of(container.Pod)]);
        finder.Containers.Single().Processes.Should().BeEmpty();
    }

    [Fact]
    public void A_group_made_again_under_the_same_name_is_another_group()
    {
        var container = _node.AddPod(Uid).Start("app", Id);
        var finder = NewFinder();
        var before = finder.Look([PodRecords.Of(container.Pod)]).Appeared.Single();
        var again = container.Remake();

        var look = finder.Look([PodRecords.Of(again.Pod)]);

        look.Vanished.Single().Container.Should().BeSameAs(before);
        var after = look.Appeared.Single();
        after.Cgroup!.Value.Path.Should().Be(before.Cgroup!.Value.Path);
        after.Cgroup.Value.File.Should().NotBe(before.Cgroup.Value.File);
        after.Processes.Should().Equal(again.Processes);
    }

    [Fact]
    public void A_pod_that_came_and_went_between_two_looks_leaves_nothing()
    {
        var finder = NewFinder();
        finder.Look([]);
        var pod = _node.AddPod(Uid);
        pod.Start("app", Id);
        var record = PodRecords.Of(pod);
        pod.Remove();
        finder.Look([record]).Missing.Single().Reason.Should().Be(MissingReason.CgroupGone);
        finder.Look([]).Should().Match<ContainerLook>(look => look.IsSame && look.Missing.Count == 0);
    }

    [Fact]
    public void A_container_without_processes_is_there_all_the_same()
    {
        var container = _node.AddPod(Uid).Start("app", Id);
        container.Exit(container.Processes[0].Pid);
        NewFinder().Look([PodRecords.Of(container.Pod)]).Appeared.Single().Processes.Should().BeEmpty();
    }

    [Fact]
    public void What_cannot_be_looked_for_is_said_with_the_reason()
    {
        var pod = _node.AddPod(Uid);
        var look = NewFinder().Look(
        [
            PodRecords.Of(
                pod,
                new ContainerRecord { Name = "waits" },
                new ContainerRecord { Name = "unknown", Running = true },
                new ContainerRecord { Name = "ended", RuntimeId = "containerd://" + Id },
                PodRecords.Running("odd", "containerd://../../x")),
            PodRecords.Of(pod, PodRecords.Running("outside", "containerd://" + OtherId)) with { Uid = "../../system.slice" },
        ]);
        look.Missing.Select(one => (one.Name, one.Reason)).Should().BeEquivalentTo(new[]
        {
            ("waits", MissingReason.NotStarted), ("unknown", MissingReason.NotStarted), ("ended", MissingReason.Ended), ("odd", MissingReason.Malformed), ("outside", MissingReason.Malformed),
        });
        look.Missing.Should().OnlyContain(one => one.Text.Length > 0);
    }

    [Fact]
    public void A_container_that_two_pods_claim_is_given_to_neither()
    {
        var container = _node.AddPod(Uid).Start("app", Id);
        var other = _node.AddPod(OtherUid);
        var honest = PodRecords.Of(container.Pod);
        var finder = NewFinder();
        finder.Look([honest]).Appeared.Should().ContainSingle();

        foreach (var scheme in new[] { "containerd", "docker" })
        {
            var look = finder.Look([honest, PodRecords.Of(other, PodRecords.Running("app", $"{scheme}://{Id}"))]);
            finder.Containers.Should().BeEmpty();
            look.Missing.Should().HaveCount(2).And.OnlyContain(one => one.Reason == MissingReason.Ambiguous);
        }

        finder.Look([honest]).Appeared.Should().ContainSingle();
    }

    [Fact]
    public void A_container_s_id_claimed_by_a_pod_it_is_not_in_is_not_found()
    {
        _node.AddPod(Uid).Start("app", Id);
        var thief = _node.AddPod(OtherUid);
        var look = NewFinder().Look([PodRecords.Of(thief, PodRecords.Running("app", "containerd://" + Id))]);
        look.Appeared.Should().BeEmpty();
        look.Missing.Single().Reason.Should().Be(MissingReason.CgroupGone);
    }

    [Theory]
    [InlineData("cri-containerd-" + OtherId + ".scope")]
    [InlineData("kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod0a1b2c3d_1111_4222_8333_abcdefabcdef.slice/cri-containerd-" + OtherId + ".scope")]
    [InlineData("kubepods/burstable/pod" + OtherUid + "/" + OtherId)]
    public void Names_that_a_container_gives_to_groups_of_its_own_make_nobody_else_s_memory_of_it(string nested)
    {
        var liar = _node.AddPod(Uid).Start("app", Id);
        liar.Fork(path: liar.Nest(nested));
        var other = _node.AddPod(OtherUid);
        var finder = NewFinder();
        var look = finder.Look([PodRecords.Of(liar.Pod), PodRecords.Of(other, PodRecords.Running("app", "containerd://" + OtherId))]);
        look.Appeared.Should().ContainSingle().Which.Processes.Should().Equal(liar.Processes);
        look.Missing.Should().ContainSingle().Which.Reason.Should().Be(MissingReason.CgroupGone);
    }

    [Fact]
    public void A_crowd_of_processes_is_followed_up_to_the_limit_and_the_rest_is_said()
    {
        var crowd = _node.AddPod(Uid).Start("app", Id);
        var quiet = _node.AddPod(OtherUid).Start("app", OtherId);
        quiet.ForkMany(4);
        PodRecord[] pods = [PodRecords.Of(crowd.Pod), PodRecords.Of(quiet.Pod)];
        var finder = NewFinder(new ContainerFinderOptions { MaxProcessesPerContainer = 20 });
        finder.Look(pods);
        var known = Find(finder, crowd)!.Processes;
        crowd.ForkMany(999);

        var look = finder.Look(pods);

        look.ProcessesLeftOut.Should().Be(980);
        Find(finder, crowd)!.Should().Match<ContainerMemory>(one => one.ProcessesLeftOut == 980 && one.Processes.Count == 20);
        Find(finder, crowd)!.Processes.Should().Contain(known, "what is followed stays followed");
        Find(finder, quiet)!.Processes.Should().Equal(quiet.Processes);
        finder.Look(pods).IsSame.Should().BeTrue("the same are kept");
    }

    [Fact]
    public void The_node_s_limit_falls_on_the_containers_with_most_processes()
    {
        var crowd = _node.AddPod(Uid).Start("app", Id);
        var quiet = _node.AddPod(OtherUid).Start("app", OtherId);
        crowd.ForkMany(99);
        quiet.ForkMany(4);
        var finder = NewFinder(new ContainerFinderOptions { MaxProcesses = 30 });
        finder.Look([PodRecords.Of(crowd.Pod), PodRecords.Of(quiet.Pod)]).ProcessesLeftOut.Should().Be(75);
        Find(finder, crowd)!.Processes.Should().HaveCount(25);
        Find(finder, quiet)!.Processes.Should().Equal(quiet.Processes);
    }

    [Fact]
    public void Pids_that_lead_nowhere_do_not_keep_the_living_out_for_ever()
    {
        var container = _node.AddPod(Uid).Start("app", Id);
        var first = container.Processes[0];
        container.ForkMany(300);
        foreach (var process in container.Processes.Skip(1).ToList())
        {
            container.BecomeZombie(process.Pid);
        }

        var last = container.Fork();
        var finder = NewFinder(new ContainerFinderOptions { MaxProcessesPerContainer = 10 });
        var looks = 0;
        do
        {
            finder.Look([PodRecords.Of(container.Pod)]);
        }
        while (!finder.Containers.Single().Processes.Contains(last) && ++looks < 100);

        finder.Containers.Single().Processes.Should().Equal(first, last);
        looks.Should().BeInRange(2, 40, "each look tries some twenty of three hundred");
    }

    [Fact]
    public void Processes_of_another_pid_namespace_are_counted_as_unseen()
    {
        var container = _node.AddPod(Uid).Start("app", Id);
        _host.Write(container.Directory + "/cgroup.procs", "0\n0\n0\n");
        var look = NewFinder().Look([PodRecords.Of(container.Pod)]);
        look.ProcessesUnseen.Should().Be(3);
        look.Appeared.Single().Should().Match<ContainerMemory>(one => one.ProcessesUnseen == 3 && one.Processes.Count == 0);
    }

    [Fact]
    public void The_whole_tree_is_looked_through_at_most_every_ten_seconds_and_ever_more_seldom()
    {
        var pod = _node.AddPod(Uid);
        var record = PodRecords.Of(pod, PodRecords.Running("app", "containerd://" + Id));
        var finder = NewFinder();
        finder.Look([record]).Missing.Should().ContainSingle();
        pod.Start("app", Id, "/elsewhere/" + Id);

        // Searched at 0 s; then again after 10 s, 20 s more, …: not before.
        finder.Look([record]).Appeared.Should().BeEmpty();
        _time.Advance(TimeSpan.FromSeconds(9));
        finder.Look([record]).Appeared.Should().BeEmpty();
        _time.Advance(TimeSpan.FromSeconds(1));
        finder.Look([record]).Appeared.Should().ContainSingle();
    }

    [Fact]
    public void A_container_that_is_never_found_is_searched_for_at_least_every_five_minutes()
    {
        var pod = _node.AddPod(Uid);
        var record = PodRecords.Of(pod, PodRecords.Running("app", "containerd://" + Id));
        var finder = NewFinder();
        for (var minute = 0; minute < 120; minute++)
        {
            finder.Look([record]).Missing.Should().ContainSingle();
            _time.Advance(TimeSpan.FromMinutes(1));
        }

        pod.Start("app", Id, "/elsewhere/" + Id);
        var waited = 0;
        while (finder.Look([record]).Appeared.Count == 0 && waited++ < 20)
        {
            _time.Advance(TimeSpan.FromMinutes(1));
        }

        waited.Should().BeLessThanOrEqualTo(5);
    }

    [Fact]
    public void A_container_in_its_expected_place_is_found_at_the_next_look_however_long_it_was_missing()
    {
        var pod = _node.AddPod(Uid);
        var record = PodRecords.Of(pod, PodRecords.Running("app", "containerd://" + Id));
        var finder = NewFinder();
        finder.Look([record]).Missing.Should().ContainSingle();
        pod.Start("app", Id);
        finder.Look([record]).Appeared.Should().ContainSingle();
    }

    [Fact]
    public void A_group_that_cannot_be_read_is_said_and_takes_no_other_with_it()
    {
        var broken = _node.AddPod(Uid).Start("app", Id);
        var whole = _node.AddPod(OtherUid).Start("app", OtherId);
        PodRecord[] pods = [PodRecords.Of(broken.Pod), PodRecords.Of(whole.Pod)];
        var finder = NewFinder();
        finder.Look(pods).Appeared.Should().HaveCount(2);
        _host.Remove($"/proc/{broken.Processes[0].Pid}").Remove(broken.Directory + "/cgroup.procs").MakeDirectory(broken.Directory + "/cgroup.procs");

        var look = finder.Look(pods);

        look.Vanished.Single().Reason.Should().Be(MissingReason.Unreadable);
        look.Missing.Single().Should().Match<MissingContainer>(one => one.Reason == MissingReason.Unreadable && one.Text.Length > 0);
        finder.Containers.Single().RuntimeId.Should().Be(whole.RuntimeId);
    }

    [Fact]
    public void A_group_that_vanishes_between_listing_and_reading_is_gone()
    {
        var container = _node.AddPod(Uid).Start("app", Id);
        container.Fork(path: container.Nest("child"));
        var finder = NewFinder();
        finder.Look([PodRecords.Of(container.Pod)]);

        // Of the child the name is still there, but nothing in it; then the same of the container.
        _host.Remove(container.Directory + "/child/cgroup.procs");
        finder.Look([PodRecords.Of(container.Pod)]).Changed.Single().Removed.Should().HaveCount(1);
        _host.Remove(container.Directory + "/cgroup.procs");
        foreach (var process in container.Processes)
        {
            _host.Remove($"/proc/{process.Pid}");
        }

        finder.Look([PodRecords.Of(container.Pod)]).Vanished.Single().Reason.Should().Be(MissingReason.CgroupGone);
    }

    [Fact]
    public void A_list_of_processes_too_long_to_read_is_no_reason_to_fail()
    {
        var container = _node.AddPod(Uid).Start("app", Id);
        var text = new StringBuilder();
        for (var pid = 100_000; text.Length < 1100 * 1024; pid++)
        {
            text.Append(pid).Append('\n');
        }

        _host.Write(container.Directory + "/cgroup.procs", text.ToString());
        var finder = NewFinder();
        var found = finder.Look([PodRecords.Of(container.Pod)]).Appeared.Single();
        found.Cgroup.Should().BeNull("what /proc says of its processes is all there is");
        found.Processes.Should().Equal(container.Processes);

        // When the crowd is gone the group is what counts again.
        container.Fork();
        _time.Advance(TimeSpan.FromSeconds(10));
        var look = finder.Look([PodRecords.Of(container.Pod)]);
        look.Vanished.Should().ContainSingle().Which.Should().Be(new VanishedContainer(found, MissingReason.Relocated));
        look.Appeared.Should().ContainSingle().Which.Should().Match<ContainerMemory>(one => one.Cgroup != null && one.Processes.Count == 2);
    }

    [Fact]
    public void A_group_that_may_not_be_read_is_denied()
    {
        Assert.SkipWhen(Environment.IsPrivilegedProcess, "File modes do not bind root.");
        var container = _node.AddPod(Uid).Start("app", Id);
        var record = PodRecords.Of(container.Pod);
        _host.Remove($"/proc/{container.Processes[0].Pid}").Forbid(container.Directory + "/cgroup.procs");
        NewFinder().Look([record]).Missing.Single().Should().Match<MissingContainer>(one => one.Reason == MissingReason.Denied && one.Text.Length > 0);
    }

    [Fact]
    public void A_full_node_is_found_at_once_and_stays_the_same()
    {
        // 125 pods of two containers of eight processes.
        var pods = new List<FakePod>();
        for (var i = 0; i < 125; i++)
        {
            var pod = _node.AddPod(PodRecords.UidOf(i), (FakeQos)(i % 3));
            pods.Add(pod);
            for (var j = 0; j < 2; j++)
            {
                pod.Start($"c{j}", PodRecords.IdOf(1 + (i * 2) + j)).ForkMany(7);
            }
        }

        var records = pods.Select(PodRecords.Of).ToList();
        var finder = NewFinder();
        var look = finder.Look(records);
        look.Appeared.Should().HaveCount(250);
        look.Missing.Should().BeEmpty();
        finder.Containers.Sum(one => one.Processes.Count).Should().Be(2000);
        finder.Look(records).IsSame.Should().BeTrue();
    }

    [Fact]
    public void A_full_node_that_churns_for_ten_minutes_is_seen_right_at_every_look()
    {
        // 125 pods of two containers of eight processes. Each ten seconds 20 processes end and their pids go round the node, four containers are started again, and one pod is replaced.
        var id = 1;
        var pods = new List<FakePod>();
        for (var i = 0; i < 125; i++)
        {
            pods.Add(NewPod(i));
        }

        var finder = NewFinder();
        for (var turn = 0; turn < 60; turn++)
        {
            var containers = pods.SelectMany(pod => pod.Containers).ToList();
            for (var i = 0; i < 20; i++)
            {
                var from = containers[((turn * 31) + (i * 7)) % containers.Count];
                var to = containers[((turn * 17) + (i * 11) + 1) % containers.Count];
                var process = from.Processes[i % from.Processes.Count];
                from.ExitUnnoticed(process.Pid);
                to.Fork(process.Pid);
                from.Fork();
            }

            for (var i = 0; i < 4; i++)
            {
                containers[((turn * 13) + (i * 60)) % containers.Count].Restart(PodRecords.IdOf(id++)).ForkMany(7);
            }

            var old = turn % pods.Count;
            pods[old].Remove();
            pods[old] = NewPod(1000 + turn);

            var look = finder.Look([.. pods.Select(PodRecords.Of)]);

            look.Missing.Should().BeEmpty();
            var found = finder.Containers.ToDictionary(one => one.RuntimeId);
            found.Should().HaveCount(250);
            foreach (var container in pods.SelectMany(pod => pod.Containers))
            {
                found[container.RuntimeId].Processes.SequenceEqual(container.Processes).Should().BeTrue("turn {0}, {1}", turn, container.Path);
            }

            _time.Advance(TimeSpan.FromSeconds(10));
        }

        FakePod NewPod(int number)
        {
            var pod = _node.AddPod(PodRecords.UidOf(number), (FakeQos)(number % 3));
            pod.Start("first", PodRecords.IdOf(id++)).ForkMany(7);
            pod.Start("second", PodRecords.IdOf(id++)).ForkMany(7);
            return pod;
        }
    }

    private static ContainerMemory? Find(ContainerFinder finder, FakeContainer container) => finder.Containers.SingleOrDefault(one => one.RuntimeId == container.RuntimeId);

    private ContainerFinder NewFinder(ContainerFinderOptions? options = null) => new(_host.Root, _time, options);
}
