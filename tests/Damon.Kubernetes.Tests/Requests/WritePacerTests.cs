using Damon.Kubernetes.Requests;
using Damon.Testing;

namespace Damon.Kubernetes.Tests.Requests;

public class WritePacerTests
{
    private static readonly ApiFailure Unreachable = new(ApiFailureKind.Unreachable, 0, "by the test");

    [Fact]
    public void So_many_go_at_once_and_then_so_many_a_second() => VirtualLoop.Run(async loop =>
    {
        var pacer = new WritePacer(new WritePacerOptions { PerSecond = 10, Burst = 5 }, loop, seed: 1);
        for (var write = 0; write < 5; write++)
            await pacer.WaitAsync(CancellationToken.None);
        loop.Elapsed.Should().Be(TimeSpan.Zero);
        for (var write = 0; write < 20; write++)
            await pacer.WaitAsync(CancellationToken.None);
        loop.Elapsed.Should().BeCloseTo(TimeSpan.FromSeconds(2), TimeSpan.FromMilliseconds(1));
    });

    [Fact]
    public void A_server_that_wants_to_be_left_alone_is() => VirtualLoop.Run(async loop =>
    {
        var pacer = new WritePacer(new WritePacerOptions(), loop, seed: 1);
        pacer.Tell(await pacer.WaitAsync(CancellationToken.None), new ApiFailure(ApiFailureKind.Throttled, 429, "by the test", TimeSpan.FromSeconds(60)));
        pacer.IsPaused.Should().BeTrue();
        await pacer.WaitAsync(CancellationToken.None);
        loop.Elapsed.Should().BeGreaterThanOrEqualTo(TimeSpan.FromSeconds(60)).And.BeLessThan(TimeSpan.FromSeconds(61));
    });

    [Fact]
    public void A_wish_for_an_hour_is_followed_for_five_minutes_at_a_time() => VirtualLoop.Run(async loop =>
    {
        var pacer = new WritePacer(new WritePacerOptions(), loop, seed: 1);
        pacer.Tell(await pacer.WaitAsync(CancellationToken.None), new ApiFailure(ApiFailureKind.Throttled, 429, "by the test", TimeSpan.FromHours(1)));
        await pacer.WaitAsync(CancellationToken.None);
        loop.Elapsed.Should().BeCloseTo(TimeSpan.FromMinutes(5), TimeSpan.FromSeconds(1));
    });

    /// <summary>Eight workers, an outage of ten minutes: the pauses double to fifteen seconds, and each lets eight through.</summary>
    [Fact]
    public void An_outage_costs_as_many_requests_a_pause_as_there_are_workers() => VirtualLoop.Run(async loop =>
    {
        var pacer = new WritePacer(new WritePacerOptions(), loop, seed: 1);
        using var stop = new CancellationTokenSource();
        var sent = 0;
        var workers = Enumerable.Range(0, 8).Select(_ => WorkAsync()).ToList();
        await loop.Pass(TimeSpan.FromMinutes(10));
        sent.Should().BeInRange(8 * 30, 8 * 100);
        stop.Cancel();
        foreach (var worker in workers)
            await worker;

        async Task WorkAsync()
        {
            while (!stop.IsCancellationRequested)
            {
                try
                {
                    var ticket = await pacer.WaitAsync(stop.Token);
                    sent++;
                    await loop.Pass(TimeSpan.FromMilliseconds(10));
                    pacer.Tell(ticket, Unreachable);
                }
                catch (OperationCanceledException)
                {
                    return;
                }
            }
        }
    });

    [Fact]
    public void Failures_of_requests_that_were_out_together_count_once_and_a_success_ends_the_doubling() => VirtualLoop.Run(async loop =>
    {
        var pacer = new WritePacer(new WritePacerOptions { MinPause = TimeSpan.FromSeconds(1), MaxPause = TimeSpan.FromSeconds(100) }, loop, seed: 1);
        var tickets = new List<long>();
        for (var write = 0; write < 8; write++)
            tickets.Add(await pacer.WaitAsync(CancellationToken.None));
        foreach (var ticket in tickets)
            pacer.Tell(ticket, Unreachable);
        var next = await pacer.WaitAsync(CancellationToken.None);
        loop.Elapsed.Should().BeLessThanOrEqualTo(TimeSpan.FromSeconds(1));
        pacer.Tell(next, failure: null);
        var before = loop.Elapsed;
        pacer.Tell(await pacer.WaitAsync(CancellationToken.None), Unreachable);
        pacer.Tell(await pacer.WaitAsync(CancellationToken.None), Unreachable);
        pacer.IsPaused.Should().BeTrue();
        await pacer.WaitAsync(CancellationToken.None);
        (loop.Elapsed - before).Should().BeLessThanOrEqualTo(TimeSpan.FromSeconds(1));
    });

    [Fact]
    public void One_write_that_fails_among_others_that_are_taken_holds_no_other_up() => VirtualLoop.Run(async loop =>
    {
        var pacer = new WritePacer(new WritePacerOptions(), loop, seed: 1);
        for (var write = 0; write < 100; write++)
        {
            pacer.Tell(await pacer.WaitAsync(CancellationToken.None), Unreachable);
            pacer.IsPaused.Should().BeFalse();
            pacer.Tell(await pacer.WaitAsync(CancellationToken.None), failure: null);
        }
    });

    [Fact]
    public void Once_it_is_an_outage_each_failure_pauses_until_a_write_is_taken() => VirtualLoop.Run(async loop =>
    {
        var pacer = new WritePacer(new WritePacerOptions(), loop, seed: 1);
        pacer.Tell(await pacer.WaitAsync(CancellationToken.None), Unreachable);
        pacer.Tell(await pacer.WaitAsync(CancellationToken.None), Unreachable);
        pacer.IsPaused.Should().BeTrue();
        pacer.Tell(await pacer.WaitAsync(CancellationToken.None), Unreachable);
        pacer.IsPaused.Should().BeTrue();
        pacer.Tell(await pacer.WaitAsync(CancellationToken.None), failure: null);
        pacer.Tell(await pacer.WaitAsync(CancellationToken.None), Unreachable);
        pacer.IsPaused.Should().BeFalse();
    });

    [Theory]
    [InlineData(ApiFailureKind.Conflict)]
    [InlineData(ApiFailureKind.NotFound)]
    [InlineData(ApiFailureKind.Invalid)]
    [InlineData(ApiFailureKind.Forbidden)]
    [InlineData(ApiFailureKind.Fenced)]
    public void What_the_server_says_of_one_object_holds_no_other_up(ApiFailureKind kind) => VirtualLoop.Run(async loop =>
    {
        var pacer = new WritePacer(new WritePacerOptions(), loop, seed: 1);
        pacer.Tell(await pacer.WaitAsync(CancellationToken.None), new ApiFailure(kind, 400, "by the test"));
        pacer.IsPaused.Should().BeFalse();
    });

    [Fact]
    public void A_wait_can_be_given_up() => VirtualLoop.Run(async loop =>
    {
        var pacer = new WritePacer(new WritePacerOptions(), loop, seed: 1);
        pacer.Tell(await pacer.WaitAsync(CancellationToken.None), Unreachable);
        pacer.Tell(await pacer.WaitAsync(CancellationToken.None), Unreachable);
        using var stop = new CancellationTokenSource();
        var waiting = pacer.WaitAsync(stop.Token);
        stop.Cancel();
        await FluentActions.Awaiting(() => waiting).Should().ThrowAsync<OperationCanceledException>();
    });
}
