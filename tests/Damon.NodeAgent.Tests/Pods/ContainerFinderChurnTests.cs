using CsCheck;
using Damon.Engine.Host;
using Damon.NodeAgent.Pods;
using Damon.Testing;

namespace Damon.NodeAgent.Tests.Pods;

public class ContainerFinderChurnTests
{
    private enum Step
    {
        AddPod,
        RemovePod,
        Start,
        Stop,
        Restart,
        Remake,
        Fork,
        ForkNested,
        Exit,
        ExitUnnoticed,
        BecomeZombie,
        Exec,
        ReusePid,
        ReusePidOutside,
        TakeOver,
        Report,
        Look,
    }

    /// <summary>Looks and reports are as frequent as all else together: what goes wrong goes wrong between two of them.</summary>
    private static Gen<(Step Step, int First, int Second)[]> Churn { get; } =
        Gen.Select(Gen.OneOf(Gen.Enum<Step>(), Gen.OneOf(Step.Look, Step.Look, Step.Report)), Gen.Int[0, 1000], Gen.Int[0, 1000]).Array[20, 120];

    [Fact]
    public void Whatever_happens_in_between_each_look_sees_what_is_there() => Gen.Select(Gen.Bool, Gen.Int[0, 2], Churn).Sample(
        (systemd, runtime, steps) =>
        {
            using var world = new World(systemd ? FakeCgroupDriver.Systemd : FakeCgroupDriver.Cgroupfs, (FakeContainerRuntime)runtime);
            foreach (var step in new[] { Step.AddPod, Step.AddPod, Step.Start, Step.Start, Step.Fork, Step.Report, Step.Look })
            {
                world.Do(step, 0, 0);
                world.Do(step, 1, 1);
            }

            foreach (var (step, first, second) in steps)
            {
                world.Do(step, first, second);
            }

            world.Do(Step.Report, 0, 0);
            world.Do(Step.Look, 0, 0);
        },
        iter: 100);

    private sealed class World : IDisposable
    {
        private readonly FakeHost _host = new();
        private readonly VirtualTime _time = new();
        private readonly FakeKubepods _node;
        private readonly ContainerFinder _finder;
        private readonly List<FakePod> _pods = [];
        private readonly Queue<int> _freePids = [];
        private readonly HashSet<(int Pid, ulong Start)> _zombies = [];
        private readonly Dictionary<string, (ContainerMemory Container, HashSet<ProcessIdentity> Processes)> _told = new(StringComparer.Ordinal);
        private List<PodRecord> _reported = [];
        private int _next = 1;

        public World(FakeCgroupDriver driver, FakeContainerRuntime runtime)
        {
            _node = new FakeKubepods(_host, driver, runtime);
            _finder = new ContainerFinder(_host.Root, _time);
        }

        public void Dispose() => _host.Dispose();

        public void Do(Step step, int first, int second)
        {
            switch (step)
            {
                case Step.AddPod when _pods.Count < 6:
                    _pods.Add(_node.AddPod(PodRecords.UidOf(_next++), (FakeQos)(first % 3)));
                    break;
                case Step.RemovePod when Pod(first) is { } pod:
                    Free(pod.Containers.SelectMany(one => one.Processes));
                    _pods.Remove(pod);
                    pod.Remove();
                    break;
                case Step.Start when Pod(first) is { Containers.Count: < 3 } pod:
                    pod.Start($"c{_next}", PodRecords.IdOf(_next++));
                    break;
                case Step.Stop when Container(first) is { } container:
                    Free(container.Processes);
                    container.Stop();
                    break;
                case Step.Restart when Container(first) is { } container:
                    Free(container.Processes);
                    container.Restart(PodRecords.IdOf(_next++));
                    break;
                case Step.Remake when Container(first) is { } container:
                    Free(container.Processes);
                    container.Remake();
                    break;
                case Step.Fork when Container(first) is { } container:
                    container.Fork();
                    break;
                case Step.ForkNested when Container(first) is { } container:
                    container.Fork(path: container.Nest($"n{second % 3}/m{second % 2}"));
                    break;
                case Step.Exit when Process(first, second) is { } one:
                    _freePids.Enqueue(one.Process.Pid);
                    one.Container.Exit(one.Process.Pid);
                    break;
                case Step.ExitUnnoticed when Process(first, second) is { } one:
                    _freePids.Enqueue(one.Process.Pid);
                    one.Container.ExitUnnoticed(one.Process.Pid);
                    break;
                case Step.BecomeZombie when Process(first, second) is { } one:
                    one.Container.BecomeZombie(one.Process.Pid);
                    _zombies.Add((one.Process.Pid, one.Process.StartTimeTicks));
                    break;
                case Step.Exec when Process(first, second) is { } one && !IsZombie(one.Process):
                    one.Container.Exec(one.Process.Pid);
                    break;
                case Step.ReusePid when Container(first) is { } container && _freePids.TryDequeue(out var pid):
                    container.Fork(pid);
                    break;
                case Step.ReusePidOutside when _freePids.TryDequeue(out var pid):
                    _node.StartOutside("/system.slice/other.service", pid);
                    break;
                case Step.TakeOver when Process(first, second) is { } one && Container(second) is { } taker && !ReferenceEquals(taker, one.Container):
                    // At once, and the first container's list still has the pid.
                    one.Container.ExitUnnoticed(one.Process.Pid);
                    taker.Fork(one.Process.Pid);
                    break;
                case Step.Report:
                    _reported = [.. _pods.Select(PodRecords.Of)];
                    break;
                case Step.Look:
                    _time.Advance(TimeSpan.FromMilliseconds(first * 20));
                    Look();
                    break;
                default:
                    break;
            }
        }

        /// <summary>What the API has last reported may be old; what is found must be there now, with exactly the processes that are there now.</summary>
        private void Look()
        {
            var look = _finder.Look(_reported);
            var there = _pods.SelectMany(pod => pod.Containers).ToDictionary(one => one.RuntimeId);
            var expected = _reported.SelectMany(pod => pod.Containers).Select(one => one.RuntimeId).Where(there.ContainsKey).ToHashSet(StringComparer.Ordinal);
            _finder.Containers.Select(one => one.RuntimeId).Should().BeEquivalentTo(expected);
            look.Missing.Select(one => one.RuntimeId).Should().BeEquivalentTo(_reported.SelectMany(pod => pod.Containers).Select(one => one.RuntimeId).Where(id => !there.ContainsKey(id)));
            foreach (var found in _finder.Containers)
            {
                var container = there[found.RuntimeId];
                found.PodUid.Should().Be(container.Pod.CgroupUid);
                found.Cgroup!.Value.File.Should().Be(_host.Root.Identify(container.Directory).Value);
                found.Processes.Should().Equal(container.Processes.Where(one => !IsZombie(one)));
                found.Processes.Where(one => !ReferenceEquals(_node.OwnerOf(one.Pid), container)).Should().BeEmpty();
                found.ProcessesLeftOut.Should().Be(0);
            }

            Follow(look);
        }

        /// <summary>The differences alone must lead to the same view.</summary>
        private void Follow(ContainerLook look)
        {
            foreach (var (container, _) in look.Vanished)
            {
                _told.Remove(container.RuntimeId, out var told).Should().BeTrue("only what appeared can vanish");
                told.Container.Cgroup.Should().Be(container.Cgroup);
            }

            foreach (var container in look.Appeared)
            {
                _told.TryAdd(container.RuntimeId, (container, [.. container.Processes])).Should().BeTrue("it was not there");
            }

            foreach (var change in look.Changed)
            {
                var (_, processes) = _told[change.Container.RuntimeId];
                change.Removed.Count(processes.Remove).Should().Be(change.Removed.Count, "what is removed was there");
                change.Added.Count(processes.Add).Should().Be(change.Added.Count, "what is added was not");
            }

            _told.ToDictionary(one => one.Key, one => one.Value.Processes.OrderBy(process => process.Pid).ToList())
                .Should().BeEquivalentTo(_finder.Containers.ToDictionary(one => one.RuntimeId, one => one.Processes.ToList()));
        }

        private bool IsZombie(ProcessIdentity process) => _zombies.Contains((process.Pid, process.StartTimeTicks));

        private void Free(IEnumerable<ProcessIdentity> processes)
        {
            foreach (var process in processes)
            {
                _freePids.Enqueue(process.Pid);
            }
        }

        private FakePod? Pod(int index) => _pods.Count == 0 ? null : _pods[index % _pods.Count];

        private FakeContainer? Container(int index)
        {
            var all = _pods.SelectMany(pod => pod.Containers).ToList();
            return all.Count == 0 ? null : all[index % all.Count];
        }

        private (FakeContainer Container, ProcessIdentity Process)? Process(int first, int second) =>
            Container(first) is { Processes: { Count: > 0 } processes } container ? (container, processes[second % processes.Count]) : null;
    }
}
