using CsCheck;
using Damon.Kubernetes.Queues;
using Damon.Testing;

namespace Damon.Kubernetes.Tests.Queues;

public class WorkQueueTests
{
    [Fact]
    public void A_key_that_waits_is_there_once() => Run(async (loop, queue) =>
    {
        queue.Add("a");
        queue.Add("b");
        queue.Add("a");
        (await TakeAsync(queue)).Should().Be("a");
        (await TakeAsync(queue)).Should().Be("b");
        queue.State.Ready.Should().Be(0);
    });

    [Fact]
    public void A_key_that_is_added_while_it_is_worked_on_comes_again_when_it_is_done_and_not_before() => Run(async (loop, queue) =>
    {
        queue.Add("a");
        await TakeAsync(queue);
        queue.Add("a");
        queue.Add("a");
        var next = TakeAsync(queue);
        await loop.Pass(TimeSpan.FromMinutes(1));
        next.IsCompleted.Should().BeFalse("two would work on it");
        queue.Done("a");
        (await next).Should().Be("a");
        queue.Done("a");
        queue.State.Should().Be(default(WorkQueueState));
    });

    [Fact]
    public void Of_several_delays_the_earliest_counts_and_it_counts_once() => Run(async (loop, queue) =>
    {
        queue.AddAfter("a", TimeSpan.FromSeconds(30));
        queue.AddAfter("a", TimeSpan.FromSeconds(10));
        queue.AddAfter("a", TimeSpan.FromSeconds(20));
        await TakeAsync(queue);
        loop.Elapsed.Should().Be(TimeSpan.FromSeconds(10));
        queue.Done("a");
        await loop.Pass(TimeSpan.FromMinutes(1));
        queue.State.Should().Be(default(WorkQueueState));
    });

    [Fact]
    public void Delayed_keys_come_in_the_order_of_their_times() => Run(async (loop, queue) =>
    {
        queue.AddAfter("late", TimeSpan.FromSeconds(3));
        queue.AddAfter("soon", TimeSpan.FromSeconds(1));
        queue.AddAfter("now", TimeSpan.Zero);
        (await TakeAsync(queue)).Should().Be("now");
        (await TakeAsync(queue)).Should().Be("soon");
        (await TakeAsync(queue)).Should().Be("late");
        loop.Elapsed.Should().Be(TimeSpan.FromSeconds(3));
    });

    [Fact]
    public void A_delay_does_not_hold_back_what_is_added() => Run(async (loop, queue) =>
    {
        queue.AddAfter("a", TimeSpan.FromHours(1));
        queue.Add("a");
        await TakeAsync(queue);
        loop.Elapsed.Should().Be(TimeSpan.Zero);
    });

    [Fact]
    public void Waits_of_a_failing_key_double_up_to_a_bound_and_the_key_is_never_given_up() => Run(async (loop, queue) =>
    {
        var waits = new List<TimeSpan>();
        for (var round = 0; round < 200; round++)
        {
            var before = loop.Elapsed;
            queue.AddRateLimited("a");
            await TakeAsync(queue);
            queue.Done("a");
            waits.Add(loop.Elapsed - before);
        }

        // Half of each wait is chance; a timer is good to a millisecond.
        for (var round = 0; round < waits.Count; round++)
        {
            var full = TimeSpan.FromMilliseconds(Math.Min(100 * Math.Pow(2, Math.Min(round, 30)), 300_000));
            waits[round].Should().BeGreaterThanOrEqualTo(full / 2).And.BeLessThanOrEqualTo(full + TimeSpan.FromMilliseconds(1));
        }
    });

    [Fact]
    public void A_key_that_is_forgotten_begins_anew() => Run(async (loop, queue) =>
    {
        for (var round = 0; round < 10; round++)
            queue.AddRateLimited("a");
        queue.State.Failing.Should().Be(1);
        await TakeAsync(queue);
        queue.Done("a");
        queue.Forget("a");
        queue.State.Failing.Should().Be(0);
        var before = loop.Elapsed;
        queue.AddRateLimited("a");
        await TakeAsync(queue);
        (loop.Elapsed - before).Should().BeLessThan(TimeSpan.FromMilliseconds(102));
    });

    [Fact]
    public void Many_failing_keys_share_one_bucket() => Run(async (loop, queue) =>
    {
        for (var key = 0; key < 400; key++)
            queue.AddRateLimited($"k{key}");
        for (var key = 0; key < 400; key++)
            await TakeAsync(queue);
        loop.Elapsed.TotalSeconds.Should().BeApproximately(30, 0.2, "a hundred at once and then ten a second");
    });

    [Fact]
    public void A_cancelled_wait_takes_no_key() => Run(async (loop, queue) =>
    {
        using var cancel = new CancellationTokenSource();
        var first = queue.TakeAsync(cancel.Token);
        var second = TakeAsync(queue);
        cancel.Cancel();
        await FluentActions.Awaiting(() => first).Should().ThrowAsync<OperationCanceledException>();
        queue.Add("a");
        (await second).Should().Be("a");
    });

    [Fact]
    public void A_shut_down_queue_ends_every_wait_and_takes_nothing_in() => Run(async (loop, queue) =>
    {
        var waiting = queue.TakeAsync(CancellationToken.None);
        queue.AddAfter("later", TimeSpan.FromSeconds(1));
        queue.ShutDown();
        (await waiting).IsEnd.Should().BeTrue();
        queue.Add("a");
        queue.AddAfter("b", TimeSpan.FromSeconds(1));
        await loop.Pass(TimeSpan.FromSeconds(5));
        (await queue.TakeAsync(CancellationToken.None)).IsEnd.Should().BeTrue();
        queue.State.Should().Be(default(WorkQueueState));
    });

    [Theory]
    [InlineData(0, 1, 1, 1)]
    [InlineData(2, 1, 1, 1)]
    [InlineData(1, 1, 0, 1)]
    [InlineData(1, 1, 1, 0)]
    public void Options_that_cannot_work_are_refused(int minSeconds, int maxSeconds, double rate, int burst)
    {
        var options = new WorkQueueOptions { MinBackoff = TimeSpan.FromSeconds(minSeconds), MaxBackoff = TimeSpan.FromSeconds(maxSeconds), RetriesPerSecond = rate, RetryBurst = burst };
        FluentActions.Invoking(() => new WorkQueue<string>(options, TimeProvider.System, seed: 1)).Should().Throw<ArgumentException>();
    }

    /// <summary>Each add is followed by a look that began after it, and nobody looks at a key that another looks at.</summary>
    [Fact]
    public void No_add_is_lost_and_no_key_is_worked_on_twice_at_once() => Check.Sample(
        Gen.Select(Gen.Select(Gen.Int[0, 4], Gen.Int[0, 3], Gen.Int[0, 40]).Array[1, 60], Gen.Int[1, 4]),
        (steps, workers) => VirtualLoop.Run(async loop =>
        {
            using var queue = new WorkQueue<int>(new WorkQueueOptions(), loop, seed: 9);
            var changed = new Dictionary<int, TimeSpan>();
            var looked = new Dictionary<int, TimeSpan>();
            var inWork = new HashSet<int>();
            async Task WorkAsync(int worker)
            {
                while (await queue.TakeAsync(CancellationToken.None) is { IsEnd: false, Key: var key })
                {
                    inWork.Add(key).Should().BeTrue("nobody else has it");
                    looked[key] = loop.Elapsed;
                    await loop.Pass(TimeSpan.FromMilliseconds(7 * (worker + 1)));
                    inWork.Remove(key);
                    queue.Done(key);
                }
            }

            var working = Enumerable.Range(0, workers).Select(WorkAsync).ToList();
            foreach (var (key, kind, wait) in steps)
            {
                if (kind == 0)
                    queue.Add(key);
                else if (kind == 1)
                    queue.AddAfter(key, TimeSpan.FromMilliseconds(wait));
                else
                    queue.AddRateLimited(key);
                changed[key] = loop.Elapsed;
                await loop.Pass(TimeSpan.FromMilliseconds(wait));
            }

            await loop.Pass(TimeSpan.FromHours(1));
            foreach (var (key, at) in changed)
                looked[key].Should().BeGreaterThanOrEqualTo(at);
            queue.ShutDown();
            foreach (var worker in working)
                await worker;
        }),
        iter: 200,
        threads: 1);

    private static async Task<string> TakeAsync(WorkQueue<string> queue) => (await queue.TakeAsync(CancellationToken.None)).Key;

    private static void Run(Func<VirtualLoop, WorkQueue<string>, Task> body) => VirtualLoop.Run(async loop =>
    {
        using var queue = new WorkQueue<string>(new WorkQueueOptions(), loop, seed: 7);
        await body(loop, queue);
    });
}
