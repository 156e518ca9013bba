using Damon.Engine.Host;
using Damon.Engine.Regions;
using Damon.NodeAgent.Tests.Plans;
using Damon.Testing;

namespace Damon.NodeAgent.Tests.Agent;

public class NodeLoopChurnTests
{
    /// <summary>
    /// 250 containers with 2,000 processes; every two seconds some twenty of them fork, exit, are restarted or removed, and pids go to whoever comes next: to another pod, which may be nobody's, or outside
    /// all pods. Half of the pods are labelled for a scheme.
    /// </summary>
    [Fact]
    public void Ten_minutes_of_churn_leave_nothing_behind_and_touch_nobody_else()
    {
        using var world = new LoopWorld();
        var random = new RandomSource(5);
        var wanted = new HashSet<FakePod>();
        FakePod Add(int number)
        {
            var pod = world.AddPod(2, (FakeQos)(number % 3 == 0 ? 2 : 1), number % 2 == 0 ? LoopWorld.App("cold") : null);
            if (number % 2 == 0)
            {
                wanted.Add(pod);
            }

            foreach (var container in pod.Containers)
            {
                container.ForkMany(7);
            }

            return pod;
        }

        world.PutPlan(
            PlanDocuments.Scheme("cold", LoopWorld.Target("cold", LoopWorld.Cold.Replace("8Mi", "200Mi", StringComparison.Ordinal))),
            PlanDocuments.Scheme("all", """{"action":{"type":"Stat"},"target":{"podSelector":{}}}""", rank: 2));

        // A pod that came and went: what is open now is open for good.
        var first = Add(0);
        world.Report();
        world.Run(30);
        world.Remove(first);
        world.Report();
        world.Run(4);
        var descriptors = Descriptors(world);
        for (var i = 0; i < 125; i++)
        {
            Add(i);
        }

        world.Report();
        var freed = new Queue<int>();
        var next = 125;
        var churnedAt = TimeSpan.Zero;
        int Draw(int below) => (int)(random.NextShare() * below);
        void Churn()
        {
            var pod = world.Pods[Draw(world.Pods.Count)];
            if (pod.Containers.Count == 0)
            {
                world.Start(pod, "c0");
                return;
            }

            var container = pod.Containers[Draw(pod.Containers.Count)];
            var processes = container.Processes;
            switch (Draw(12))
            {
                case 0 or 1:
                    container.Fork();
                    break;
                case 2 or 3 when processes.Count > 1:
                    freed.Enqueue(processes[Draw(processes.Count)].Pid);
                    container.Exit(freed.Last());
                    break;
                case 4 when processes.Count > 1:
                    freed.Enqueue(processes[^1].Pid);
                    container.ExitUnnoticed(freed.Last());
                    break;
                case 5 or 6 when freed.TryDequeue(out var pid):
                    container.Fork(pid);
                    break;
                case 7 when freed.TryDequeue(out var outside):
                    world.Node.StartOutside("/system.slice/other.service", outside);
                    break;
                case 8 when processes.Count > 1:
                    // Another container takes the pid over before anybody has seen that it was free.
                    if (world.Pods[Draw(world.Pods.Count)].Containers is [var other, ..] && !ReferenceEquals(other, container))
                    {
                        container.ExitUnnoticed(processes[0].Pid);
                        other.Fork(processes[0].Pid);
                    }

                    break;
                case 9 when processes.Count > 0:
                    container.Exec(processes[0].Pid);
                    break;
                case 10:
                    foreach (var process in processes)
                    {
                        freed.Enqueue(process.Pid);
                    }

                    container.Stop();
                    world.Start(pod, container.Name).ForkMany(7);
                    break;
                case 11:
                    foreach (var process in pod.Containers.SelectMany(one => one.Processes))
                    {
                        freed.Enqueue(process.Pid);
                    }

                    world.Remove(pod);
                    wanted.Remove(pod);
                    Add(next++);
                    break;
                default:
                    break;
            }
        }

        world.OnApply = process =>
        {
            // Whoever is acted on must be, at this moment, in a pod that the scheme has, or be gone and never have been anybody else's.
            if (world.Node.OwnerOf(process.Pid) is { } owner && owner.Has(process) && !wanted.Contains(owner.Pod))
            {
                world.Violations.Add($"{process} is in a pod that no acting scheme has");
            }
        };
        var most = 0;
        world.Run(TimeSpan.FromMinutes(10), () =>
        {
            if (world.Now - churnedAt < TimeSpan.FromSeconds(2))
            {
                return;
            }

            churnedAt = world.Now;
            for (var i = 0; i < 20; i++)
            {
                Churn();
            }

            if (Draw(2) == 0)
            {
                world.Report();
            }

            most = Math.Max(most, world.Opened - world.Closed);
        });

        world.Violations.Should().BeEmpty();
        world.Unexpected.Should().BeEmpty();
        world.Done.Count.Should().BeGreaterThan(500);
        world.Done.Should().OnlyContain(done => done.Owner != null);
        world.Opened.Should().BeGreaterThan(6000, "processes came and went");
        world.Report();
        world.Run(4);
        var there = world.Pods.Sum(pod => pod.Containers.Where(container => container.Pod.Qos != FakeQos.Guaranteed).Sum(container => container.Processes.Count));
        world.Loop.Session!.Targets.Count.Should().Be(there);
        (world.Opened - world.Closed).Should().Be(2 * there);
        most.Should().BeLessThan(2 * 3000);
        GC.GetTotalMemory(forceFullCollection: true).Should().BeLessThan(400 << 20);

        foreach (var pod in world.Pods.ToList())
        {
            world.Remove(pod);
        }

        world.Report();
        world.Run(4);
        world.Loop.Session!.Targets.Should().BeEmpty();
        (world.Opened - world.Closed).Should().Be(0);
        world.Snapshot.Containers.Should().BeEmpty();
        Descriptors(world).Should().BeLessThanOrEqualTo(descriptors, "hundreds of pods came and went, each with dozens of open files");
    }

#pragma warning disable RS0030 // This very process, and not a host that is looked at.
    private static int Descriptors(LoopWorld world) => Directory.GetFileSystemEntries("/proc/self/fd").Count(entry => new FileInfo(entry).LinkTarget?.StartsWith(world.Host.Folder, StringComparison.Ordinal) == true);
#pragma warning restore RS0030
}
