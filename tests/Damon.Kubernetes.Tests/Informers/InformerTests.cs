using System.Text.Json;
using Damon.Kubernetes.Informers;
using Damon.Kubernetes.Objects;
using Damon.Kubernetes.Requests;
using Damon.Testing;
using Damon.Testing.ApiServer;

namespace Damon.Kubernetes.Tests.Informers;

public class InformerTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void Nothing_is_sent_before_it_runs() => Run(async bench =>
    {
        await bench.Loop.Pass(TimeSpan.FromMinutes(5));
        bench.Server.Requests.Should().BeEmpty();
        bench.Informer.Health.Phase.Should().Be(InformerPhase.Idle);
    });

    [Fact]
    public void It_runs_once() => Run(async bench =>
    {
        await bench.StartSettledAsync();
        await bench.Informer.Invoking(informer => informer.RunAsync(CancellationToken.None)).Should().ThrowAsync<InvalidOperationException>();
        await bench.StopAsync();
    });

    [Fact]
    public void A_list_is_told_as_a_whole_and_then_it_is_settled() => Run(async bench =>
    {
        foreach (var name in "abcdefgh")
            bench.Put(name.ToString());
        bench.Server.Faults = request =>
        {
            bench.History.Told.Should().BeEmpty("pages are still to come");
            return null;
        };
        bench.Start();
        await bench.Informer.WaitUntilSettledAsync(CancellationToken.None);
        bench.Server.Faults = static _ => null;

        bench.Count(FakeVerb.List).Should().Be(3, "eight objects are three pages of three");
        bench.History.Told.Should().BeEquivalentTo([.. "abcdefgh".Select(name => $"+{name}"), "settled"]).And.EndWith("settled");
        await bench.StopAsync();
    });

    [Fact]
    public void An_empty_kind_settles_too() => Run(async bench =>
    {
        await bench.StartSettledAsync();
        bench.Informer.Health.IsSettled.Should().BeTrue();
        await bench.StopAsync();
    });

    [Fact]
    public void What_was_deleted_unseen_is_told_after_the_list_and_never_between_its_pages() => Run(async bench =>
    {
        foreach (var name in "abcdefgh")
            bench.Put(name.ToString());
        await bench.StartSettledAsync();
        bench.History.Told.Clear();
        bench.Server.DropWatches();
        bench.Delete("b");
        bench.Delete("g");
        bench.Put("c", 2);
        bench.Put("i");
        bench.Server.Compact();
        bench.Server.Faults = request =>
        {
            if (request.Verb == FakeVerb.List)
                bench.History.Told.Should().BeEmpty();
            return null;
        };
        await bench.Loop.Pass(10 * Second);

        bench.History.Told.Should().BeEquivalentTo("-b", "-g", "~c", "+i");
        bench.History.Told[..2].Should().BeEquivalentTo("-b", "-g");
        bench.StoreShouldEqualServer();
        await bench.StopAsync();
    });

    [Fact]
    public void An_object_made_anew_unseen_is_deleted_and_added() => Run(async bench =>
    {
        bench.Put("a");
        await bench.StartSettledAsync();
        bench.History.Told.Clear();
        bench.Server.DropWatches();
        bench.Delete("a");
        bench.Put("a");
        bench.Server.Compact();
        await bench.Loop.Pass(10 * Second);
        bench.History.Told.Should().Equal("-a", "+a");
        await bench.StopAsync();
    });

    [Fact]
    public void A_dropped_watch_goes_on_from_where_it_was_without_a_list() => Run(async bench =>
    {
        await bench.StartSettledAsync();
        await bench.Loop.Pass(Second);
        for (var round = 0; round < 5; round++)
        {
            bench.Server.DropWatches();
            bench.Put($"a{round}");
            await bench.Loop.Pass(TimeSpan.FromMinutes(2));
        }

        bench.StoreShouldEqualServer();
        bench.Count(FakeVerb.List).Should().Be(1);
        bench.Informer.Health.Failure.Should().BeNull();
        await bench.StopAsync();
    });

    [Fact]
    public void An_event_that_was_cut_off_comes_again_and_once() => Run(async bench =>
    {
        await bench.StartSettledAsync();
        await bench.Loop.Pass(Second);
        bench.Put("a");
        bench.Server.CutWatches();
        bench.Put("b");
        await bench.Loop.Pass(TimeSpan.FromMinutes(1));
        bench.History.Told.Should().Equal("settled", "+a", "+b");
        bench.Count(FakeVerb.List).Should().Be(1);
        await bench.StopAsync();
    });

    [Fact]
    public void A_watch_is_never_without_a_time_and_its_times_differ() => Run(async bench =>
    {
        await bench.StartSettledAsync();
        await bench.Loop.Pass(TimeSpan.FromHours(3));
        var seconds = bench.Server.Requests.Where(request => request.Verb == FakeVerb.Watch).Select(request => int.Parse(request.Query["timeoutSeconds"])).ToList();
        seconds.Should().HaveCountGreaterThan(15).And.OnlyContain(each => each >= 300 && each <= 600);
        seconds.Distinct().Should().HaveCountGreaterThan(10);
        bench.Count(FakeVerb.List).Should().Be(1, "three quiet hours need no second list");
        await bench.StopAsync();
    });

    [Fact]
    public void A_half_open_watch_is_given_up_at_its_time() => Run(async bench =>
    {
        await bench.StartSettledAsync();
        await bench.Loop.Pass(Second);
        bench.Server.SilenceWatches();
        bench.Put("a");
        await bench.Loop.Pass(TimeSpan.FromMinutes(4));
        bench.Informer.Store.Count.Should().Be(0, "nobody has said anything");
        bench.Informer.Health.SinceLastContact.Should().BeGreaterThan(TimeSpan.FromMinutes(3.9), "and that can be seen");
        await bench.Loop.Pass(TimeSpan.FromMinutes(8));
        bench.StoreShouldEqualServer();
        await bench.StopAsync();
    });

    [Fact]
    public void Bookmarks_carry_the_place_over_a_compaction() => Run(async bench =>
    {
        await bench.StartSettledAsync();
        bench.Server.AddKind(FakeKind.Pods);
        for (var minute = 0; minute < 30; minute++)
        {
            bench.Server.Put(FakeKind.Pods, $$"""{"metadata":{"namespace":"n","name":"p{{minute}}"} }""");
            await bench.Loop.Pass(TimeSpan.FromMinutes(1.1));
            bench.Server.Compact();
            bench.Server.DropWatches();
        }

        bench.Count(FakeVerb.List).Should().BeLessThan(31, "most places were kept fresh by a bookmark").And.BeGreaterThan(0);
        var lists = bench.Count(FakeVerb.List);
        bench.Put("a");
        await bench.Loop.Pass(TimeSpan.FromMinutes(5));
        bench.StoreShouldEqualServer();
        lists.Should().Be(1);
        await bench.StopAsync();
    });

    [Theory]
    [InlineData(500, "InternalError")]
    [InlineData(429, "TooManyRequests")]
    [InlineData(403, "Forbidden")]
    [InlineData(401, "Unauthorized")]
    [InlineData(400, "BadRequest")]
    public void A_server_that_refuses_every_watch_is_asked_seldom_and_caught_up_with(int code, string reason) => Run(async bench =>
    {
        await bench.StartSettledAsync();
        bench.Server.Faults = request => request.Verb == FakeVerb.Watch ? FakeFault.Answers(code, reason) : null;
        bench.Server.DropWatches();
        bench.Put("a");
        await bench.Loop.Pass(TimeSpan.FromMinutes(10));
        bench.Server.Requests.Should().HaveCountLessThan(60, "waits grow to half a minute");
        bench.Informer.Health.Failure!.StatusCode.Should().Be(code);
        bench.Server.Faults = static _ => null;
        await bench.Loop.Pass(TimeSpan.FromMinutes(1));
        bench.StoreShouldEqualServer();
        bench.Informer.Health.Failure.Should().BeNull();
        await bench.StopAsync();
    });

    [Theory]
    [InlineData("drop")]
    [InlineData("end")]
    [InlineData("cut")]
    [InlineData("garble")]
    [InlineData("410")]
    [InlineData("500")]
    public void Watches_that_end_at_once_do_not_make_a_hot_loop(string how) => Run(async bench =>
    {
        await bench.StartSettledAsync();
        var ending = true;
        async Task EndAllAsync()
        {
            while (ending)
            {
                await bench.Loop.Pass(TimeSpan.FromMilliseconds(5));
                Action<FakeApiServer> end = how switch
                {
                    "drop" => static server => server.DropWatches(),
                    "end" => static server => server.EndWatches(),
                    "cut" => static server => server.CutWatches(),
                    "garble" => static server => server.GarbleWatches(),
                    "410" => static server => server.ExpireWatches(),
                    _ => static server => server.FailWatches(500, "InternalError"),
                };
                end(bench.Server);
            }
        }

        var endingAll = EndAllAsync();
        bench.Put("a");
        await bench.Loop.Pass(TimeSpan.FromMinutes(10));
        bench.Server.Requests.Should().HaveCountLessThan(100);
        ending = false;
        await endingAll;
        await bench.Loop.Pass(TimeSpan.FromMinutes(2));
        bench.StoreShouldEqualServer();
        await bench.StopAsync();
    });

    [Fact]
    public void What_a_server_asks_to_wait_is_waited() => Run(async bench =>
    {
        bench.Server.Faults = request => request.At < TimeSpan.FromSeconds(40) ? FakeFault.Answers(429, "TooManyRequests", TimeSpan.FromSeconds(45)) : null;
        bench.Start();
        await bench.Loop.Pass(TimeSpan.FromMinutes(2));
        bench.Count(FakeVerb.List).Should().Be(2);
        bench.Server.Requests.First(request => request.At > TimeSpan.Zero).At.Should().BeGreaterThanOrEqualTo(TimeSpan.FromSeconds(45));
        await bench.StopAsync();
    });

    [Fact]
    public void A_server_is_not_given_more_than_the_follower_can_afford() => Run(
        async bench =>
        {
            bench.Server.Faults = static _ => FakeFault.Answers(429, "TooManyRequests", TimeSpan.FromMinutes(2));
            bench.Start();
            await bench.Loop.Pass(TimeSpan.FromMinutes(2));
            bench.Server.Requests.Count.Should().BeInRange(12, 16, "eight to nine seconds lie between two attempts");
            await bench.StopAsync();
        },
        options => options with { MaxBackoff = 8 * Second, MaxRetryAfter = 8 * Second });

    [Fact]
    public void A_list_that_expires_between_pages_begins_anew_and_the_third_time_in_one_piece() => Run(async bench =>
    {
        foreach (var name in "abcdefgh")
            bench.Put(name.ToString());
        bench.Server.Faults = request => request.IsContinued ? FakeFault.Answers(410, "Expired") : null;
        await bench.StartSettledAsync();
        bench.StoreShouldEqualServer();
        bench.Server.Requests.Where(request => request.Verb == FakeVerb.List).Select(request => request.Query.GetValueOrDefault("limit", "none"))
            .Should().Equal("3", "3", "3", "3", "none");
        await bench.StopAsync();
    });

    [Fact]
    public void A_list_that_breaks_off_tells_nothing() => Run(async bench =>
    {
        foreach (var name in "abcd")
            bench.Put(name.ToString());
        await bench.StartSettledAsync();
        bench.History.Told.Clear();
        bench.Server.Compact();
        bench.Server.Faults = request => request.Verb == FakeVerb.List ? FakeFault.CutOff : null;
        bench.Put("e");
        bench.Server.ExpireWatches();
        await bench.Loop.Pass(TimeSpan.FromMinutes(2));
        bench.History.Told.Where(told => told != "+e").Should().BeEmpty("half a list is no list");
        bench.Informer.Health.Failure!.Kind.Should().Be(ApiFailureKind.Malformed);
        bench.Server.Faults = static _ => null;
        await bench.Loop.Pass(TimeSpan.FromMinutes(1));
        bench.StoreShouldEqualServer();
        await bench.StopAsync();
    });

    [Fact]
    public void A_list_that_never_answers_is_given_up() => Run(async bench =>
    {
        bench.Put("a");
        bench.Server.Faults = request => request.At < TimeSpan.FromMinutes(1) ? FakeFault.Hangs : null;
        bench.Start();
        await bench.Loop.Pass(TimeSpan.FromMinutes(1.5));
        bench.Informer.Health.IsSettled.Should().BeTrue();
        bench.StoreShouldEqualServer();
        await bench.StopAsync();
    });

    [Fact]
    public void A_list_from_memory_never_goes_back_behind_what_was_seen() => Run(
        async bench =>
        {
            bench.Put("a");
            await bench.StartSettledAsync();
            bench.Put("a", 2);
            bench.Put("b");
            await bench.Loop.Pass(Second);
            bench.Server.CacheLag = 2;
            bench.Server.ExpireWatches();
            await bench.Loop.Pass(TimeSpan.FromMinutes(1));
            bench.StoreShouldEqualServer();
            bench.History.Told.Should().NotContain("-b");
            var lists = bench.Server.Requests.Where(request => request.Verb == FakeVerb.List).ToList();
            lists.Should().HaveCount(2);
            lists[0].Query["resourceVersion"].Should().Be("0");
            lists.Should().OnlyContain(request => !request.Query.ContainsKey("limit"));
            await bench.StopAsync();
        },
        options => options with { ListMode = ListMode.Cached });

    [Fact]
    public void A_server_that_is_behind_what_was_seen_is_asked_for_its_newest_state() => Run(
        async bench =>
        {
            await bench.StartSettledAsync();
            var ahead = true;
            bench.Server.Faults = request => ahead && request.Verb == FakeVerb.List && request.Query.ContainsKey("resourceVersion")
                ? FakeFault.VersionAhead
                : null;
            bench.Server.ExpireWatches();
            await bench.Loop.Pass(TimeSpan.FromMinutes(1));
            bench.Server.Requests.Last(request => request.Verb == FakeVerb.List).Query.Should().NotContainKey("resourceVersion");
            bench.Informer.Health.Failure.Should().BeNull();
            await bench.StopAsync();
        },
        options => options with { ListMode = ListMode.Cached });

    [Fact]
    public void A_kind_that_is_gone_empties_the_store_only_when_it_stays_gone() => Run(async bench =>
    {
        bench.Put("a");
        await bench.StartSettledAsync();
        var gone = true;
        bench.Server.Faults = _ => gone ? FakeFault.Answers(404, "NotFound") : null;
        bench.Server.DropWatches();
        await bench.Loop.Pass(8 * Second);
        bench.Informer.Store.Count.Should().Be(1, "a server that starts may not know its custom resources yet");
        bench.Informer.Health.Failure!.IsLossOfServer.Should().BeFalse("it has answered");
        await bench.Loop.Pass(10 * Second);
        bench.History.Told.Should().Equal("+a", "settled", "-a");
        bench.Informer.Health.Phase.Should().Be(InformerPhase.KindGone);
        bench.Informer.Health.SinceLastContact.Should().BeLessThan(TimeSpan.FromSeconds(31));
        gone = false;
        await bench.Loop.Pass(40 * Second);
        bench.StoreShouldEqualServer();
        await bench.StopAsync();
    });

    [Fact]
    public void Where_absence_would_undo_things_objects_stay_while_their_kind_is_not_known() => Run(
        async bench =>
        {
            bench.Put("a");
            bench.Put("b");
            await bench.StartSettledAsync();
            var gone = true;
            bench.Server.Faults = _ => gone ? FakeFault.Answers(404, "NotFound") : null;
            bench.Server.DropWatches();
            await bench.Loop.Pass(TimeSpan.FromMinutes(10));
            bench.Informer.Health.Phase.Should().Be(InformerPhase.KindGone);
            bench.Informer.Store.Count.Should().Be(2);
            bench.History.Told.Should().Equal("+a", "+b", "settled");
            bench.Delete("b");
            gone = false;
            await bench.Loop.Pass(40 * Second);
            bench.History.Told.Should().Equal("+a", "+b", "settled", "-b");
            bench.StoreShouldEqualServer();
            await bench.StopAsync();
        },
        options => options with { KeepsWhenGone = true });

    [Fact]
    public void A_moment_without_the_kind_is_forgotten_by_any_other_answer() => Run(async bench =>
    {
        bench.Put("a");
        await bench.StartSettledAsync();
        var round = 0;
        bench.Server.Faults = _ => round++ % 2 == 0 ? FakeFault.Answers(404, "NotFound") : FakeFault.Answers(503, "ServiceUnavailable");
        bench.Server.DropWatches();
        await bench.Loop.Pass(TimeSpan.FromMinutes(10));
        bench.Informer.Store.Count.Should().Be(1);
        await bench.StopAsync();
    });

    [Theory]
    [InlineData(0, ApiFailureKind.Unreachable, true)]
    [InlineData(503, ApiFailureKind.ServerError, true)]
    [InlineData(401, ApiFailureKind.Unauthorized, true)]
    [InlineData(403, ApiFailureKind.Forbidden, true)]
    [InlineData(404, ApiFailureKind.NotFound, false)]
    public void Health_tells_what_fails_and_whether_the_server_is_lost(int code, ApiFailureKind kind, bool isLoss) => Run(async bench =>
    {
        await bench.StartSettledAsync();
        var contact = bench.Informer.Health.LastContact;
        bench.Server.Faults = _ => code == 0 ? FakeFault.Unreachable : FakeFault.Answers(code, "Whatever");
        bench.Server.DropWatches();
        await bench.Loop.Pass(TimeSpan.FromMinutes(5));
        var health = bench.Informer.Health;
        health.Failure!.Kind.Should().Be(kind);
        health.Failure.IsLossOfServer.Should().Be(isLoss);
        health.ConsecutiveFailures.Should().BeGreaterThan(1);
        (health.SinceLastContact > TimeSpan.FromMinutes(4)).Should().Be(isLoss);
        (health.LastContact == contact).Should().Be(isLoss);
        await bench.StopAsync();
    });

    [Fact]
    public void One_object_that_cannot_be_decoded_keeps_its_last_good_version_and_nobody_else_waits()
    {
        static RawObject Decode(ReadOnlySpan<byte> json) => json.IndexOf("666"u8) < 0 ? new RawObject(json.ToArray()) : throw new JsonException("the size of the beast");
        Run(
            async bench =>
            {
                bench.Put("a");
                bench.Put("never-good", 666);
                await bench.StartSettledAsync();
                bench.Informer.Store.Count.Should().Be(1);
                bench.Put("a", 666);
                bench.Put("b");
                await bench.Loop.Pass(Second);
                bench.Informer.Health.Undecodable.Should().HaveCount(2).And.ContainKey(new ObjectKey("a")).WhoseValue.Should().Contain("beast");
                bench.Server.ExpireWatches();
                await bench.Loop.Pass(5 * Second);
                bench.History.Told.Should().Equal("+a", "settled", "+b");
                bench.Put("a", 2);
                bench.Delete("never-good");
                await bench.Loop.Pass(Second);
                bench.Informer.Health.Undecodable.Should().BeEmpty();
                bench.StoreShouldEqualServer();
                await bench.StopAsync();
            },
            options => options with { Decoder = Decode });
    }

    [Fact]
    public void A_resync_tells_every_object_again_and_asks_nothing() => Run(
        async bench =>
        {
            bench.Put("a");
            bench.Put("b");
            await bench.StartSettledAsync();
            await bench.Loop.Pass(TimeSpan.FromMinutes(35));
            bench.History.Told.Count(told => told == "=a").Should().Be(3);
            bench.History.Told.Count(told => told == "=b").Should().Be(3);
            bench.Count(FakeVerb.List).Should().Be(1);
            await bench.StopAsync();
        },
        options => options with { ResyncPeriod = TimeSpan.FromMinutes(10) });

    [Fact]
    public void An_unchanged_object_is_not_decoded_again_by_a_list()
    {
        var decoded = 0;
        RawObject Decode(ReadOnlySpan<byte> json)
        {
            decoded++;
            return new RawObject(json.ToArray());
        }

        Run(
            async bench =>
            {
                foreach (var name in "abcdefgh")
                    bench.Put(name.ToString());
                await bench.StartSettledAsync();
                bench.Put("c", 2);
                bench.Server.ExpireWatches();
                await bench.Loop.Pass(5 * Second);
                bench.Count(FakeVerb.List).Should().Be(6);
                decoded.Should().Be(9);
                await bench.StopAsync();
            },
            options => options with { Decoder = Decode });
    }

    [Fact]
    public void A_stop_in_the_middle_of_anything_is_clean()
    {
        for (var milliseconds = 0; milliseconds < 3000; milliseconds += 37)
        {
            var after = TimeSpan.FromMilliseconds(milliseconds);
            Run(async bench =>
            {
                foreach (var name in "abcdefgh")
                    bench.Put(name.ToString());
                bench.Server.Faults = request => request.Verb == FakeVerb.List ? FakeFault.Slow(TimeSpan.FromMilliseconds(300)) : null;
                bench.Start();
                await bench.Loop.Pass(after);
                await bench.StopAsync();
                bench.Informer.Health.Phase.Should().Be(InformerPhase.Stopped);
                var requests = bench.Server.Requests.Count;
                await bench.Loop.Pass(TimeSpan.FromMinutes(10));
                bench.Server.Requests.Should().HaveCount(requests);
                bench.Server.OpenWatches.Should().Be(0);
            });
        }
    }

    [Fact]
    public void Who_waits_for_an_informer_that_ends_unsettled_is_told() => Run(async bench =>
    {
        bench.Server.Faults = _ => FakeFault.Unreachable;
        bench.Start();
        var waiting = bench.Informer.WaitUntilSettledAsync(CancellationToken.None);
        await bench.Loop.Pass(Second);
        await bench.StopAsync();
        await FluentActions.Awaiting(() => waiting).Should().ThrowAsync<OperationCanceledException>();
    });

    [Fact]
    public void An_index_follows_every_change() => Run(
        async bench =>
        {
            bench.Put("a", 1);
            bench.Put("b", 1);
            await bench.StartSettledAsync();
            bench.Informer.Store.ByIndex("size", "1").Should().HaveCount(2);
            bench.Put("a", 2);
            bench.Delete("b");
            await bench.Loop.Pass(Second);
            bench.Informer.Store.CountByIndex("size", "1").Should().Be(0);
            bench.Informer.Store.ByIndex("size", "2").Should().ContainSingle().Which.Key.Name.Should().Be("a");
            await bench.StopAsync();
        },
        options => options with { Indexes = [new StoreIndex<RawObject>("size", SizeOf)] });

    private static IEnumerable<string> SizeOf(StoredObject<RawObject> stored)
    {
        using var document = stored.Value.Parse();
        return [document.RootElement.GetProperty("spec").GetProperty("size").GetRawText()];
    }

    private static void Run(Func<InformerBench, Task> body, Func<InformerOptions<RawObject>, InformerOptions<RawObject>>? with = null) => VirtualLoop.Run(async loop =>
    {
        using var bench = new InformerBench(loop, with);
        await body(bench);
    });
}
