using System.Text;
using System.Text.Json.Nodes;
using Damon.Kubernetes.Events;
using Damon.Kubernetes.Objects;
using Damon.Kubernetes.Tests.Conformance;
using Damon.Testing;
using Damon.Testing.ApiServer;

namespace Damon.Kubernetes.Tests.Events;

public class EventRecorderTests
{
    [Fact]
    public void Recording_never_sends_by_itself() => VirtualLoop.Run(async loop =>
    {
        var server = new FakeApiServer(loop, FakeKind.Events);
        var recorder = new EventRecorder(FakeUnderTest.ClientOf(server, loop), new EventRecorderOptions("damon.dev/test", "n1"), loop, seed: 1);
        recorder.Record(Happened("a"));
        await loop.Pass(TimeSpan.FromHours(1));
        server.Requests.Should().BeEmpty();
    });

    [Fact]
    public void The_same_again_raises_a_count_at_most_once_in_an_interval() => Run(async bench =>
    {
        for (var second = 0; second < 300; second++)
        {
            bench.Recorder.Record(Happened("a") with { Note = $"at {second}" });
            await bench.Loop.Pass(TimeSpan.FromSeconds(1));
        }

        await bench.Loop.Pass(TimeSpan.FromMinutes(10));
        var written = bench.Events().Should().ContainSingle().Subject;
        written["note"]!.GetValue<string>().Should().Be("at 0");
        written["series"]!["count"]!.GetValue<int>().Should().Be(300);
        bench.Server.Requests.Should().HaveCountLessThan(9);
        bench.Recorder.Counts.Should().Match<EventCounts>(counts => counts.Recorded == 300 && counts.Aggregated == 299 && counts.Dropped == 0);
    });

    [Fact]
    public void After_a_series_has_ended_the_same_is_a_new_event() => Run(async bench =>
    {
        bench.Recorder.Record(Happened("a"));
        await bench.Loop.Pass(TimeSpan.FromMinutes(7));
        bench.Recorder.Record(Happened("a"));
        await bench.Loop.Pass(TimeSpan.FromMinutes(1));
        bench.Events().Should().HaveCount(2).And.OnlyContain(written => written["series"] == null);
    });

    [Theory]
    [InlineData("reason")]
    [InlineData("action")]
    [InlineData("type")]
    [InlineData("object")]
    public void What_differs_in_more_than_the_note_is_another_event(string what) => Run(async bench =>
    {
        var happened = Happened("a");
        bench.Recorder.Record(happened);
        bench.Recorder.Record(what switch
        {
            "reason" => happened with { Reason = "Other" },
            "action" => happened with { Action = "Other" },
            "type" => happened with { Type = EventType.Normal },
            _ => Happened("b"),
        });
        await bench.Loop.Pass(TimeSpan.FromSeconds(5));
        bench.Events().Should().HaveCount(2);
    });

    [Fact]
    public void A_storm_about_one_object_is_cut_and_counted() => Run(async bench =>
    {
        for (var reason = 0; reason < 100; reason++)
            bench.Recorder.Record(Happened("a") with { Reason = $"R{reason}" });
        bench.Recorder.Record(Happened("b"));
        await bench.Loop.Pass(TimeSpan.FromMinutes(5));
        bench.Events().Count(written => written["regarding"]!["name"]!.GetValue<string>() == "a").Should().Be(25);
        bench.Events().Count(written => written["regarding"]!["name"]!.GetValue<string>() == "b").Should().Be(1, "one object's storm is not another's");
        bench.Recorder.Counts.Dropped.Should().Be(75);
    });

    [Fact]
    public void A_storm_about_many_objects_is_written_slowly() => Run(async bench =>
    {
        for (var pod = 0; pod < 300; pod++)
            bench.Recorder.Record(Happened($"p{pod}"));
        await bench.Loop.Pass(TimeSpan.FromSeconds(60));
        bench.Server.Requests.Should().HaveCountLessThan(90, "twenty-five at once and one a second");
        await bench.Loop.Pass(TimeSpan.FromMinutes(10));
        bench.Events().Should().HaveCount(300);
    });

    [Fact]
    public void An_event_whose_answer_was_lost_is_written_once() => Run(async bench =>
    {
        var number = 0;
        bench.Server.Faults = _ => ++number <= 2 ? FakeFault.AnswerLost : null;
        bench.Recorder.Record(Happened("a"));
        await bench.Loop.Pass(TimeSpan.FromMinutes(1));
        bench.Events().Should().ContainSingle();
        bench.Recorder.Counts.Written.Should().Be(1);
    });

    [Theory]
    [InlineData(403)]
    [InlineData(422)]
    public void What_the_server_refuses_is_dropped_and_not_asked_again(int code) => Run(async bench =>
    {
        bench.Server.Faults = _ => FakeFault.Answers(code, "Whatever");
        bench.Recorder.Record(Happened("a"));
        await bench.Loop.Pass(TimeSpan.FromMinutes(30));
        bench.Server.Requests.Should().ContainSingle();
        bench.Recorder.Counts.Dropped.Should().Be(1);
    });

    [Fact]
    public void A_series_whose_event_has_ended_goes_on_as_another() => Run(async bench =>
    {
        bench.Recorder.Record(Happened("a"));
        await bench.Loop.Pass(TimeSpan.FromSeconds(5));
        bench.Server.Delete(FakeKind.Events, "ns", bench.Events().Single()["metadata"]!["name"]!.GetValue<string>());
        bench.Recorder.Record(Happened("a"));
        await bench.Loop.Pass(TimeSpan.FromMinutes(2));
        bench.Events().Should().ContainSingle().Which["series"]!["count"]!.GetValue<int>().Should().Be(2);
    });

    [Fact]
    public void A_stop_writes_what_waits_and_no_longer_than_its_grace()
    {
        Run(async bench =>
        {
            bench.Recorder.Record(Happened("a"));
            await bench.Loop.Pass(TimeSpan.FromSeconds(1));
            bench.Recorder.Record(Happened("a"));
            bench.Recorder.Record(Happened("b"));
            await bench.StopAsync();
            bench.Events().Should().HaveCount(2).And.Contain(written => written["series"] != null);
        });
        Run(async bench =>
        {
            bench.Server.Faults = _ => FakeFault.Hangs;
            bench.Recorder.Record(Happened("a"));
            await bench.Loop.Pass(TimeSpan.FromSeconds(1));
            await bench.StopAsync();
            bench.Loop.Elapsed.Should().Be(TimeSpan.FromSeconds(6));
        });
    }

    [Fact]
    public void Names_and_notes_are_cut_to_what_a_server_takes() => Run(async bench =>
    {
        var name = string.Concat(Enumerable.Repeat("abcdefgh.", 28)) + "x";
        bench.Recorder.Record(Happened(name) with { Note = "x" + new string('€', 1000) });
        await bench.Loop.Pass(TimeSpan.FromSeconds(5));
        var written = bench.Events().Single();
        written["metadata"]!["name"]!.GetValue<string>().Length.Should().BeLessThanOrEqualTo(253);
        var note = written["note"]!.GetValue<string>();
        Encoding.UTF8.GetByteCount(note).Should().BeInRange(1020, 1024);
        note.Should().NotContain("\uFFFD", "no character is cut in two");
        written["regarding"]!["name"]!.GetValue<string>().Should().Be(name);
    });

    [Fact]
    public void An_object_without_a_namespace_has_its_events_in_the_default_one() => Run(async bench =>
    {
        bench.Recorder.Record(Happened("n") with { Regarding = new ObjectReference(ResourceKind.Nodes, new ObjectKey("n"), "u") });
        await bench.Loop.Pass(TimeSpan.FromSeconds(5));
        bench.Events().Single()["metadata"]!["namespace"]!.GetValue<string>().Should().Be("default");
    });

    [Fact]
    public void A_state_that_lasts_is_no_transition()
    {
        var tracker = new TransitionTracker<string, bool>(initial: false);
        tracker.Enters("a", false).Should().BeFalse("a restart is none either");
        tracker.Enters("a", true).Should().BeTrue();
        tracker.Enters("a", true).Should().BeFalse();
        tracker.Enters("b", true).Should().BeTrue();
        tracker.Enters("a", false).Should().BeTrue();
        tracker.Enters("a", false).Should().BeFalse();
        tracker.Forget("b");
        tracker.Enters("b", true).Should().BeTrue();
    }

    private static ObjectEvent Happened(string pod) =>
        new(new ObjectReference(ResourceKind.Pods, new ObjectKey("ns", pod), $"uid-of-{pod}"), EventType.Warning, "PressureBackoff", "Reclaim", "memory is short");

    private static void Run(Func<Bench, Task> body) => VirtualLoop.Run(async loop =>
    {
        using var bench = new Bench(loop);
        await body(bench);
        await bench.StopAsync();
    });

    private sealed class Bench : IDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _running;

        public Bench(VirtualLoop loop)
        {
            Loop = loop;
            Server = new FakeApiServer(loop, FakeKind.Events);
            Recorder = new EventRecorder(FakeUnderTest.ClientOf(Server, loop), new EventRecorderOptions("damon.dev/test", "n1"), loop, seed: 1);
            _running = Recorder.RunAsync(_stop.Token);
        }

        public VirtualLoop Loop { get; }

        public FakeApiServer Server { get; }

        public EventRecorder Recorder { get; }

        public IReadOnlyList<JsonObject> Events() => Server.Objects(FakeKind.Events);

        public async Task StopAsync()
        {
            _stop.Cancel();
            await _running;
        }

        public void Dispose() => _stop.Dispose();
    }
}
