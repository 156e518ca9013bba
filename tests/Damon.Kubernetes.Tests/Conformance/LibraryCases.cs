using System.Text.Json;
using Damon.Kubernetes.Events;
using Damon.Kubernetes.Informers;
using Damon.Kubernetes.Leases;
using Damon.Kubernetes.Objects;
using Damon.Kubernetes.Requests;

namespace Damon.Kubernetes.Tests.Conformance;

/// <summary>The library itself on a server.</summary>
internal static class LibraryCases
{
    public static IReadOnlyList<ApiServerCase> All { get; } =
    [
        new("An informer's store follows the server", InformerFollows),
        new("A leader that stops hands its lease over, and one leads at a time", LeaseHandover, NeedsBuiltInKinds: true),
        new("An event that comes again raises a count", EventSeries, NeedsBuiltInKinds: true),
        new("Applies of two managers at once both last", AppliesAtOnce),
    ];

    private static async Task InformerFollows(ApiServerUnderTest server)
    {
        var group = server.NewName("informer");
        for (var at = 0; at < 5; at++)
            await server.CreateAsync($"{group}-{at}", at, group);
        var history = new HistoryHandler<RawObject>();
        var options = new InformerOptions<RawObject>(new ObjectQuery(ApiServerUnderTest.Widgets) { LabelSelector = $"group={group}" }, ObjectDecoders.Raw()) { PageSize = 2 };
        var informer = new Informer<RawObject>(server.Client, options, [history], server.Time, seed: 1);
        using var stop = new CancellationTokenSource();
        var running = informer.RunAsync(stop.Token);
        await informer.WaitUntilSettledAsync(CancellationToken.None);
        history.Objects.Should().HaveCount(5);

        await server.DeleteAsync($"{group}-1");
        var made = await server.CreateAsync($"{group}-9", 9, group);
        var changed = await server.ReplaceAsync($"{group}-9", 10, group, made.ResourceVersion);
        await server.UntilAsync(
            () => informer.Store.TryGet(new ObjectKey($"{group}-9"), out var found) && found.Header == changed && informer.Store.Count == 5, "the store follows");
        history.Objects.Should().BeEquivalentTo(informer.Store.List().ToDictionary(stored => stored.Key, stored => stored.Header));
        using (var document = informer.Store.List().First(stored => stored.Key.Name == $"{group}-9").Value.Parse())
            document.RootElement.GetProperty("metadata").TryGetProperty("managedFields", out _).Should().BeFalse();

        stop.Cancel();
        await running;
        informer.Health.Phase.Should().Be(InformerPhase.Stopped);
    }

    private static async Task LeaseHandover(ApiServerUnderTest server)
    {
        var name = server.NewName("lease");
        var leading = new List<string>();
        var terms = new List<string>();
        using var stopFirst = new CancellationTokenSource();
        using var stopSecond = new CancellationTokenSource();
        LeaderElector Elector(string identity, ulong seed) => new(
            server.Client,
            new LeaderElectionOptions("default", name, identity) { LeaseDuration = TimeSpan.FromSeconds(8), RenewDeadline = TimeSpan.FromSeconds(6), RetryPeriod = TimeSpan.FromSeconds(0.5) },
            server.Time,
            seed);
        Func<CancellationToken, Task> Lead(string identity) => async term =>
        {
            lock (terms)
            {
                leading.Add(identity);
                leading.Should().ContainSingle();
                terms.Add(identity);
            }

            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, server.Time, term);
            }
            finally
            {
                lock (terms)
                    leading.Remove(identity);
            }
        };

        var first = Elector("first", 1);
        var second = Elector("second", 2);
        var runningFirst = first.RunAsync(Lead("first"), stopFirst.Token);
        await server.UntilAsync(() => first.IsLeader, "the first leads");
        var runningSecond = second.RunAsync(Lead("second"), stopSecond.Token);
        await server.UntilAsync(() => second.Holder == "first", "the second has seen the first");
        await server.PassAsync(TimeSpan.FromSeconds(2));
        second.IsLeader.Should().BeFalse();

        var asked = server.Time.GetTimestamp();
        stopFirst.Cancel();
        await runningFirst;
        await server.UntilAsync(() => second.IsLeader, "the second takes over");
        server.Time.GetElapsedTime(asked).Should().BeLessThan(TimeSpan.FromSeconds(8), "the lease was given back and not waited out");
        terms.Should().Equal("first", "second");
        stopSecond.Cancel();
        await runningSecond;
    }

    private static async Task EventSeries(ApiServerUnderTest server)
    {
        var name = server.NewName("pod");
        var options = new EventRecorderOptions("damon.dev/test", "node-1") { SeriesInterval = TimeSpan.FromSeconds(1), PerSecond = 50 };
        var recorder = new EventRecorder(server.Client, options, server.Time, seed: 3);
        using var stop = new CancellationTokenSource();
        var running = recorder.RunAsync(stop.Token);
        var happened = new ObjectEvent(
            new ObjectReference(ResourceKind.Pods, new ObjectKey("default", name), "11111111-2222-3333-4444-555555555555"), EventType.Warning, "PressureBackoff", "Reclaim", "ä" + new string('é', 600));
        recorder.Record(happened);
        await server.UntilAsync(() => recorder.Counts.Written == 1, "the first is written");
        recorder.Record(happened);
        recorder.Record(happened);
        await server.UntilAsync(() => recorder.Counts.Written == 2, "the series is written");
        stop.Cancel();
        await running;

        List<string> counts = [];
        await server.Client.ListAsync(
            new ObjectQuery(ResourceKind.Events) { Namespace = "default" },
            new ListPosition(),
            json =>
            {
                using var document = JsonDocument.Parse(json.ToArray());
                if (document.RootElement.GetProperty("regarding").GetProperty("name").GetString() == name)
                    counts.Add($"{document.RootElement.GetProperty("reason").GetString()} {document.RootElement.GetProperty("series").GetProperty("count").GetInt32()}");
            },
            CancellationToken.None);
        counts.Should().Equal("PressureBackoff 3");
        recorder.Counts.Should().Be(new EventCounts(Recorded: 3, Written: 2, Aggregated: 2, Dropped: 0));
    }

    private static async Task AppliesAtOnce(ApiServerUnderTest server)
    {
        var name = server.NewName("both");
        var key = new ObjectKey(name);
        await server.CreateAsync(name, 1, "a");
        async Task Write(string manager, string field)
        {
            var apply = new ServerSideApply(server.Client, manager, new ServerSideApplyOptions(), server.Time, seed: 5);
            for (var round = 0; round < 10; round++)
            {
                var body = System.Text.Encoding.UTF8.GetBytes(
                    $$"""{"apiVersion":"test.damon.dev/v1","kind":"Widget","metadata":{"name":"{{name}}"},"status":{"{{field}}":"{{round}}"} }""");
                (await apply.ApplyAsync(ApiServerUnderTest.Widgets, key, body, "status", force: true, CancellationToken.None)).Failure.Should().BeNull();
            }
        }

        var one = Write("one", "state");
        var two = Write("two", "reason");
        await one;
        await two;
        using var document = JsonDocument.Parse((await server.Client.GetAsync(ApiServerUnderTest.Widgets, key, CancellationToken.None)).Value);
        document.RootElement.GetProperty("status").GetProperty("state").GetString().Should().Be("9");
        document.RootElement.GetProperty("status").GetProperty("reason").GetString().Should().Be("9");
    }
}
