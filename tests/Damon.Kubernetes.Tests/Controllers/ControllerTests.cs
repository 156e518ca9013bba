using Damon.Kubernetes.Controllers;
using Damon.Kubernetes.Queues;
using Damon.Testing;

namespace Damon.Kubernetes.Tests.Controllers;

public class ControllerTests
{
    [Fact]
    public void No_key_is_looked_at_before_all_has_settled() => VirtualLoop.Run(async loop =>
    {
        using var queue = new WorkQueue<string>(new WorkQueueOptions(), loop, seed: 1);
        using var stop = new CancellationTokenSource();
        var settled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var looked = new List<string>();
        var controller = new Controller<string>(queue, (key, _) => Look(looked, key), new ControllerOptions(), loop);
        queue.Add("a");
        var running = controller.RunAsync([_ => settled.Task], stop.Token);
        await loop.Pass(TimeSpan.FromMinutes(1));
        looked.Should().BeEmpty();
        settled.SetResult();
        await loop.Pass(TimeSpan.FromSeconds(1));
        looked.Should().Equal("a");
        stop.Cancel();
        await running;
    });

    [Fact]
    public void A_stop_before_all_has_settled_is_clean() => VirtualLoop.Run(async loop =>
    {
        using var queue = new WorkQueue<string>(new WorkQueueOptions(), loop, seed: 1);
        using var stop = new CancellationTokenSource();
        var controller = new Controller<string>(queue, static (_, _) => throw new InvalidOperationException(), new ControllerOptions(), loop);
        var running = controller.RunAsync([cancellation => Task.Delay(Timeout.InfiniteTimeSpan, loop, cancellation)], stop.Token);
        stop.Cancel();
        await running;
    });

    [Fact]
    public void What_fails_or_throws_is_tried_again_later_and_holds_nobody_else_up() => Run(async (loop, bench) =>
    {
        bench.Reconcile = (key, _) => ValueTask.FromResult(key switch
        {
            "bug" => throw new InvalidOperationException("a bug"),
            "bad" => ReconcileResult.Failed("not yet"),
            _ => ReconcileResult.Done,
        });
        foreach (var key in (string[])["bug", "bad", "good"])
            bench.Queue.Add(key);
        await loop.Pass(TimeSpan.FromMinutes(30));
        bench.Looked.Count(key => key == "good").Should().Be(1);
        bench.Looked.Count(key => key == "bad").Should().BeGreaterThan(10).And.BeLessThan(40, "waits grow to five minutes");
        bench.Looked.Count(key => key == "bug").Should().BeGreaterThan(10);
        bench.Exceptions.Should().Contain("a bug");
        bench.Queue.State.Failing.Should().Be(2);
    });

    [Fact]
    public void A_success_forgets_earlier_failures_and_may_ask_to_come_again() => Run(async (loop, bench) =>
    {
        var calls = new List<TimeSpan>();
        bench.Reconcile = (_, _) =>
        {
            calls.Add(loop.Elapsed);
            return ValueTask.FromResult(calls.Count < 3 ? ReconcileResult.Failed("not yet") : ReconcileResult.Again(TimeSpan.FromMinutes(10)));
        };
        bench.Queue.Add("a");
        await loop.Pass(TimeSpan.FromMinutes(25));
        calls.Should().HaveCount(5);
        (calls[4] - calls[3]).Should().BeCloseTo(TimeSpan.FromMinutes(10), TimeSpan.FromMilliseconds(1));
        bench.Queue.State.Failing.Should().Be(0);
    });

    [Fact]
    public void So_many_keys_at_once_as_there_are_workers() => Run(
        async (loop, bench) =>
        {
            var (now, most) = (0, 0);
            bench.Reconcile = async (_, _) =>
            {
                most = Math.Max(most, ++now);
                await loop.Pass(TimeSpan.FromSeconds(1));
                now--;
                return ReconcileResult.Done;
            };
            for (var key = 0; key < 12; key++)
                bench.Queue.Add($"k{key}");
            await loop.Pass(TimeSpan.FromSeconds(3.5));
            most.Should().Be(4);
            bench.Looked.Should().HaveCount(12);
        },
        workers: 4);

    [Fact]
    public void A_stop_waits_for_what_is_in_work_and_takes_nothing_more() => VirtualLoop.Run(async loop =>
    {
        using var bench = new Bench(loop, workers: 1);
        var finished = false;
        bench.Reconcile = async (_, cancellation) =>
        {
            await Task.Delay(TimeSpan.FromSeconds(5), loop, cancellation);
            finished = true;
            return ReconcileResult.Done;
        };
        bench.Queue.Add("a");
        bench.Queue.Add("b");
        await loop.Pass(TimeSpan.FromSeconds(1));
        await bench.StopAsync();
        finished.Should().BeTrue();
        bench.Looked.Should().Equal("a");
        loop.Elapsed.Should().Be(TimeSpan.FromSeconds(5));
    });

    [Fact]
    public void A_stop_cancels_what_takes_longer_than_its_grace() => VirtualLoop.Run(async loop =>
    {
        using var bench = new Bench(loop, workers: 1);
        bench.Reconcile = async (_, cancellation) =>
        {
            await Task.Delay(TimeSpan.FromHours(1), loop, cancellation);
            return ReconcileResult.Done;
        };
        bench.Queue.Add("a");
        await loop.Pass(TimeSpan.FromSeconds(1));
        await bench.StopAsync();
        loop.Elapsed.Should().Be(TimeSpan.FromSeconds(11));
    });

    private static ValueTask<ReconcileResult> Look(List<string> looked, string key)
    {
        looked.Add(key);
        return ValueTask.FromResult(ReconcileResult.Done);
    }

    private static void Run(Func<VirtualLoop, Bench, Task> body, int workers = 1) => VirtualLoop.Run(async loop =>
    {
        using var bench = new Bench(loop, workers);
        await body(loop, bench);
        await bench.StopAsync();
    });

    private sealed class Bench : IControllerObserver<string>, IDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _running;

        public Bench(VirtualLoop loop, int workers)
        {
            Queue = new WorkQueue<string>(new WorkQueueOptions(), loop, seed: 1);
            var controller = new Controller<string>(
                Queue,
                (key, cancellation) =>
                {
                    Looked.Add(key);
                    return Reconcile(key, cancellation);
                },
                new ControllerOptions { Workers = workers },
                loop,
                this);
            _running = controller.RunAsync([], _stop.Token);
        }

        public WorkQueue<string> Queue { get; }

        public List<string> Looked { get; } = [];

        public List<string> Exceptions { get; } = [];

        public Reconciler<string> Reconcile { get; set; } = static (_, _) => ValueTask.FromResult(ReconcileResult.Done);

        public void Reconciled(string key, ReconcileResult result, TimeSpan took, Exception? exception)
        {
            if (exception is not null)
                Exceptions.Add(exception.Message);
        }

        public async Task StopAsync()
        {
            _stop.Cancel();
            await _running;
        }

        public void Dispose()
        {
            _stop.Dispose();
            Queue.Dispose();
        }
    }
}
