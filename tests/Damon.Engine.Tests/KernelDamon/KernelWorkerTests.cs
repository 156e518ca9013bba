using Damon.Engine.Host;
using Damon.Engine.KernelDamon;
using Microsoft.Extensions.Time.Testing;

namespace Damon.Engine.Tests.KernelDamon;

public class KernelWorkerTests
{
    private static readonly KernelWorkerOptions Options = new() { Capacity = 2 };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Requests_are_carried_out_in_order_on_one_thread_of_their_own()
    {
        await using var worker = new KernelWorker(new FakeTimeProvider(), Options with { Capacity = 100 });
        var order = new List<int>();
        var threads = new HashSet<int>();
        var requests = Enumerable.Range(0, 100).Select(i => worker.ReadAsync<int>(() =>
        {
            order.Add(i);
            threads.Add(Environment.CurrentManagedThreadId);
            return i;
        }, Token)).ToList();

        (await Task.WhenAll(requests)).Select(result => result.Value).Should().Equal(Enumerable.Range(0, 100));

        order.Should().Equal(Enumerable.Range(0, 100));
        threads.Should().ContainSingle().Which.Should().NotBe(Environment.CurrentManagedThreadId);
    }

    [Fact]
    public async Task A_request_that_the_kernel_does_not_give_back_lets_its_caller_go_and_refuses_the_next_at_once()
    {
        var time = new FakeTimeProvider();
        var worker = new KernelWorker(time, Options);
        await using var block = new Block(worker);
        var second = Ask(worker);
        time.Advance(Options.Deadline);

        (await block.Request).Message.Should().Contain("begun, but not finished");
        (await second).Message.Should().Contain("not begun");
        worker.IsStuck.Should().BeTrue();
        var third = Ask(worker);
        third.IsCompleted.Should().BeTrue("nobody waits behind it");
        (await third).Kind.Should().Be(KernelOutcomeKind.Busy);
        (await third).Message.Should().Contain("stuck since 2000-01-01 00:00:00Z");
        (await worker.ReadAsync<int>(() => 1, Token)).Error.Kind.Should().Be(HostErrorKind.Busy);

        block.Release();
        await Until(() => !worker.IsStuck);
        (await Ask(worker)).IsDone.Should().BeTrue("it has come back");
    }

    [Fact]
    public async Task No_more_requests_wait_than_there_is_room_for_and_those_that_gave_up_make_room()
    {
        var worker = new KernelWorker(new FakeTimeProvider(), Options);
        await using var block = new Block(worker);
        using var cancellation = new CancellationTokenSource();
        var carriedOut = false;
        var second = worker.ChangeAsync(
            () =>
            {
                carriedOut = true;
                return KernelOutcome.Done;
            },
            cancellation.Token);
        var third = Ask(worker);
        worker.Waiting.Should().Be(2);
        (await Ask(worker)).Message.Should().Contain("2 requests wait already");

        await cancellation.CancelAsync();
        await second.Invoking(task => task).Should().ThrowAsync<OperationCanceledException>();
        var fourth = Ask(worker);
        block.Release();

        (await third).IsDone.Should().BeTrue();
        (await fourth).IsDone.Should().BeTrue();
        carriedOut.Should().BeFalse("nobody waited for it");
    }

    [Fact]
    public async Task A_request_that_has_begun_is_carried_out_even_if_its_caller_waits_no_longer()
    {
        await using var worker = new KernelWorker(new FakeTimeProvider(), Options);
        using var cancellation = new CancellationTokenSource();
        using var entered = new ManualResetEventSlim();
        using var gate = new ManualResetEventSlim();
        var isDone = false;
        var request = worker.ChangeAsync(
            () =>
            {
                entered.Set();
                gate.Wait(Token);
                isDone = true;
                return KernelOutcome.Done;
            },
            cancellation.Token);
        entered.Wait(Token);

        await cancellation.CancelAsync();
        await request.Invoking(task => task).Should().ThrowAsync<OperationCanceledException>();
        gate.Set();
        await Ask(worker);

        isDone.Should().BeTrue();
    }

    [Fact]
    public async Task A_bug_in_a_request_is_its_callers_and_the_worker_goes_on()
    {
        await using var worker = new KernelWorker(new FakeTimeProvider(), Options);
        await worker.Invoking(one => one.ChangeAsync(() => throw new InvalidOperationException("bug"), Token)).Should().ThrowAsync<InvalidOperationException>();
        (await Ask(worker)).IsDone.Should().BeTrue();
    }

    [Fact]
    public async Task The_end_refuses_what_waits_and_leaves_a_stuck_thread_behind_after_its_deadline()
    {
        var time = new FakeTimeProvider();
        var worker = new KernelWorker(time, Options);
        await using var block = new Block(worker);
        var second = Ask(worker);

        var end = worker.DisposeAsync().AsTask();

        (await second).Message.Should().Contain("ends");
        end.IsCompleted.Should().BeFalse();
        time.Advance(Options.EndDeadline);
        await end;
        (await Ask(worker)).Message.Should().Contain("has ended");
    }

    [Fact]
    public async Task A_worker_that_was_never_asked_ends_at_once() => await new KernelWorker(new FakeTimeProvider(), Options).DisposeAsync();

    private static Task<KernelOutcome> Ask(KernelWorker worker) => worker.ChangeAsync(() => KernelOutcome.Done, Token);

    /// <summary>Gives other threads the processor until something holds; a test that never gets there is ended from outside.</summary>
    private static async Task Until(Func<bool> holds)
    {
        while (!holds())
        {
            Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    /// <summary>A request that does not come back until it is released.</summary>
    private sealed class Block : IAsyncDisposable
    {
        private readonly ManualResetEventSlim _gate = new();
        private readonly KernelWorker _worker;

        public Block(KernelWorker worker)
        {
            _worker = worker;
            using var entered = new ManualResetEventSlim();
            Request = worker.ChangeAsync(() =>
            {
                entered.Set();
                _gate.Wait(Token);
                return KernelOutcome.Done;
            }, Token);
            entered.Wait(Token);
        }

        public Task<KernelOutcome> Request { get; }

        public void Release() => _gate.Set();

        public async ValueTask DisposeAsync()
        {
            Release();
            await _worker.DisposeAsync();
        }
    }
}
