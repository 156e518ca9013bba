using System.Text;
using System.Text.Json;
using Damon.Kubernetes.Objects;
using Damon.Kubernetes.Requests;

namespace Damon.Kubernetes.Tests.Conformance;

/// <summary>What the library takes for granted of a server. Where the fake differs from a real one, it is the fake that is wrong.</summary>
internal static class ApiServerCases
{
    private static readonly ObjectQuery AllWidgets = new(ApiServerUnderTest.Widgets);

    public static IReadOnlyList<ApiServerCase> All { get; } =
    [
        new("Pages of a list show one state, whatever changes meanwhile", PagesShowOneState),
        new("A list that is paged over a compaction is complete or expires", PagesOverACompaction),
        new("A list from memory comes in one piece", ListFromMemory),
        new("A list of a version ahead is told so", ListAhead),
        new("A watch shows in order what came after its version", WatchShowsChanges),
        new("A watch from a forgotten version expires", WatchFromForgotten),
        new("A watch ends in good order at its time", WatchEnds),
        new("A bookmark tells of progress that brings no event", Bookmarks),
        new("A field selector by name shows one object", FieldSelector),
        new("Leaving a label selector is a deletion", LabelSelector),
        new("Metadata can be had alone", MetadataOnly),
        new("A version that was overtaken conflicts", OvertakenVersion),
        new("A name is taken once", NameTaken),
        new("What is not there is not found", NotFound),
        new("A deletion can be of one identity alone", DeleteByIdentity),
        new("An apply makes, changes and gives up fields", Apply),
        new("An apply that changes nothing is no write", ApplyNothing),
        new("A field of another manager is taken by force alone", ApplyConflict),
        new("A status is applied apart", ApplyStatus),
        new("An apply with another identity is refused, but for a status", ApplyIdentity),
        new("A kind that is taken away deletes its objects, and is not found", KindTakenAway),
        .. LibraryCases.All,
    ];

    private static ObjectQuery Group(string group) => AllWidgets with { LabelSelector = $"group={group}" };

    private static async Task PagesShowOneState(ApiServerUnderTest server)
    {
        var group = server.NewName("pages");
        for (var at = 0; at < 7; at++)
            await server.CreateAsync($"{group}-{at}", at, group);
        List<string> names = [];
        List<string> versions = [];
        var position = new ListPosition { Limit = 3 };
        do
        {
            var page = (await server.Client.ListAsync(Group(group), position, json => names.Add(ObjectHeader.Read(json).Key.Name), CancellationToken.None)).Value;
            versions.Add(page.ResourceVersion);
            position = position with { Continue = page.Continue };
            if (versions.Count == 1)
            {
                await server.DeleteAsync($"{group}-5");
                await server.CreateAsync($"{group}-55", 1, group);
            }
        }
        while (position.Continue.Length > 0);

        names.Should().Equal(Enumerable.Range(0, 7).Select(at => $"{group}-{at}"));
        versions.Should().HaveCount(3);
        versions.Distinct().Should().ContainSingle();
    }

    private static async Task PagesOverACompaction(ApiServerUnderTest server)
    {
        var group = server.NewName("compacted");
        for (var at = 0; at < 4; at++)
            await server.CreateAsync($"{group}-{at}", at, group);
        var names = new List<string>();
        var first = (await server.Client.ListAsync(Group(group), new ListPosition { Limit = 2 }, json => names.Add(ObjectHeader.Read(json).Key.Name), CancellationToken.None)).Value;
        await server.DeleteAsync($"{group}-3");
        await server.CompactAsync();
        var second = await server.Client.ListAsync(
            Group(group), new ListPosition { Limit = 2, Continue = first.Continue }, json => names.Add(ObjectHeader.Read(json).Key.Name), CancellationToken.None);

        if (server.ForgetsPagesOnCompaction)
            second.Failure!.Kind.Should().Be(ApiFailureKind.Expired);
        else if (second.Succeeded)
            names.Should().HaveCount(4);
        else
            second.Failure.Kind.Should().Be(ApiFailureKind.Expired);
    }

    private static async Task ListFromMemory(ApiServerUnderTest server)
    {
        var group = server.NewName("memory");
        await server.CreateAsync($"{group}-a", 1, group);
        var last = await server.CreateAsync($"{group}-b", 1, group);

        (await server.ListAsync(Group(group), new ListPosition { ResourceVersion = last.ResourceVersion })).Names.Should().BeEquivalentTo($"{group}-a", $"{group}-b");
        (await server.ListAsync(Group(group), new ListPosition { ResourceVersion = "0" })).Names.Should().HaveCountLessThanOrEqualTo(2);
    }

    private static async Task ListAhead(ApiServerUnderTest server)
    {
        var (_, version) = await server.ListAsync(AllWidgets, new ListPosition());
        var ahead = (long.Parse(version) + 1_000_000).ToString();
        var result = await server.Client.ListAsync(AllWidgets, new ListPosition { ResourceVersion = ahead }, static _ => { }, CancellationToken.None);
        result.Failure!.Kind.Should().Be(ApiFailureKind.VersionAhead);
    }

    private static async Task WatchShowsChanges(ApiServerUnderTest server)
    {
        var group = server.NewName("watch");
        var (_, version) = await server.ListAsync(Group(group), new ListPosition());
        var made = await server.CreateAsync($"{group}-a", 1, group);
        await server.ReplaceAsync($"{group}-a", 2, group, made.ResourceVersion);
        await server.CreateAsync($"{group}-b", 1, group);
        await server.DeleteAsync($"{group}-a");

        var (events, end, _) = await server.WatchAsync(Group(group), version, seconds: 2);
        events.Should().Equal($"Added {group}-a", $"Modified {group}-a", $"Added {group}-b", $"Deleted {group}-a");
        end.Failure.Should().BeNull();
        (await server.WatchAsync(Group(group), made.ResourceVersion, seconds: 1)).Events.Should().HaveCount(3, "a watch may begin at an object's own version");
    }

    private static async Task WatchFromForgotten(ApiServerUnderTest server)
    {
        await server.CompactAsync();
        var (events, end, _) = await server.WatchAsync(AllWidgets, "1", seconds: 2);
        events.Should().BeEmpty();
        end.Failure!.Kind.Should().Be(ApiFailureKind.Expired);
    }

    private static async Task WatchEnds(ApiServerUnderTest server)
    {
        var (_, version) = await server.ListAsync(AllWidgets, new ListPosition());
        var started = server.Time.GetTimestamp();
        var (_, end, _) = await server.WatchAsync(AllWidgets, version, seconds: 2);
        end.Failure.Should().BeNull();
        end.IsOpened.Should().BeTrue();
        server.Time.GetElapsedTime(started).Should().BeGreaterThan(TimeSpan.FromSeconds(1.5));
    }

    private static async Task Bookmarks(ApiServerUnderTest server)
    {
        var group = server.NewName("bookmark");
        var (_, version) = await server.ListAsync(AllWidgets, new ListPosition());
        var watching = server.WatchAsync(Group(group), version, seconds: 6);
        await server.PassAsync(TimeSpan.FromSeconds(0.5));
        var other = await server.CreateAsync(group, 1, "another-group");
        var (events, _, bookmarks) = await watching;
        events.Should().BeEmpty();
        bookmarks.Should().BeGreaterThan(0);
        other.ResourceVersion.Should().NotBe(version);
    }

    private static async Task FieldSelector(ApiServerUnderTest server)
    {
        var group = server.NewName("field");
        var (_, version) = await server.ListAsync(AllWidgets, new ListPosition());
        await server.CreateAsync($"{group}-a", 1, group);
        await server.CreateAsync($"{group}-b", 1, group);
        await server.DeleteAsync($"{group}-b");
        var query = AllWidgets with { FieldSelector = $"metadata.name={group}-b" };
        (await server.WatchAsync(query, version, seconds: 1)).Events.Should().Equal($"Added {group}-b", $"Deleted {group}-b");
        (await server.ListAsync(query, new ListPosition())).Names.Should().BeEmpty();
        (await server.ListAsync(AllWidgets with { FieldSelector = $"metadata.name={group}-a" }, new ListPosition())).Names.Should().Equal($"{group}-a");
    }

    private static async Task LabelSelector(ApiServerUnderTest server)
    {
        var group = server.NewName("label");
        var (_, version) = await server.ListAsync(AllWidgets, new ListPosition());
        var made = await server.CreateAsync($"{group}-a", 1, group);
        var left = await server.ReplaceAsync($"{group}-a", 1, "other", made.ResourceVersion);
        await server.ReplaceAsync($"{group}-a", 1, group, left.ResourceVersion);
        (await server.WatchAsync(Group(group), version, seconds: 1)).Events.Should().Equal($"Added {group}-a", $"Deleted {group}-a", $"Added {group}-a");
    }

    private static async Task MetadataOnly(ApiServerUnderTest server)
    {
        var group = server.NewName("metadata");
        var query = Group(group) with { MetadataOnly = true };
        var (_, version) = await server.ListAsync(query, new ListPosition());
        await server.CreateAsync($"{group}-a", 1, group);
        List<string> kinds = [];
        void Look(ReadOnlySpan<byte> json)
        {
            using var document = JsonDocument.Parse(json.ToArray());
            kinds.Add(document.RootElement.TryGetProperty("spec", out _) ? "whole" : document.RootElement.GetProperty("metadata").GetProperty("labels").GetProperty("group").GetString()!);
        }

        await server.Client.ListAsync(query, new ListPosition(), Look, CancellationToken.None);
        await server.Client.WatchAsync(query, version, TimeSpan.FromSeconds(1), static () => { }, (type, json) =>
        {
            if (type != WatchEventType.Bookmark)
                Look(json);
        }, CancellationToken.None);
        kinds.Should().Equal(group, group);
    }

    private static async Task OvertakenVersion(ApiServerUnderTest server)
    {
        var name = server.NewName("overtaken");
        var made = await server.CreateAsync(name, 1, "a");
        await server.ReplaceAsync(name, 2, "a", made.ResourceVersion);
        var late = await server.Client.ReplaceAsync(
            ApiServerUnderTest.Widgets, new ObjectKey(name), ApiServerUnderTest.Widget(name, 3, "a", made.ResourceVersion), CancellationToken.None);
        late.Failure!.Kind.Should().Be(ApiFailureKind.Conflict);
    }

    private static async Task NameTaken(ApiServerUnderTest server)
    {
        var name = server.NewName("taken");
        await server.CreateAsync(name, 1, "a");
        var again = await server.Client.CreateAsync(ApiServerUnderTest.Widgets, "", ApiServerUnderTest.Widget(name, 1, "a"), CancellationToken.None);
        again.Failure!.Kind.Should().Be(ApiFailureKind.AlreadyExists);
    }

    private static async Task NotFound(ApiServerUnderTest server)
    {
        (await server.Client.GetAsync(ApiServerUnderTest.Widgets, new ObjectKey("absent"), CancellationToken.None)).Failure!.Kind.Should().Be(ApiFailureKind.NotFound);
        var unknown = new ObjectQuery(new ResourceKind("absent.damon.dev", "v1", "things", "Thing", IsNamespaced: false));
        (await server.Client.ListAsync(unknown, new ListPosition(), static _ => { }, CancellationToken.None)).Failure!.Kind.Should().Be(ApiFailureKind.NotFound);
        (await server.WatchAsync(unknown, "1", seconds: 1)).End.Failure!.Kind.Should().Be(ApiFailureKind.NotFound);
    }

    private static async Task DeleteByIdentity(ApiServerUnderTest server)
    {
        var name = server.NewName("identity");
        var made = await server.CreateAsync(name, 1, "a");
        var key = new ObjectKey(name);
        (await server.Client.DeleteAsync(ApiServerUnderTest.Widgets, key, "0e000000-0000-0000-0000-000000000000", CancellationToken.None)).Failure!.Kind.Should().Be(ApiFailureKind.Conflict);
        (await server.Client.DeleteAsync(ApiServerUnderTest.Widgets, key, made.Uid, CancellationToken.None)).Failure.Should().BeNull();
    }

    private static async Task Apply(ApiServerUnderTest server)
    {
        var name = server.NewName("apply");
        (await ApplyAsync(server, name, """{"size":1,"color":"red"}""", "m1")).Failure.Should().BeNull();
        var changed = await ApplyAsync(server, name, """{"size":2}""", "m1");
        Spec(changed.Value).Should().Be("""{"size":2}""");
    }

    private static async Task ApplyNothing(ApiServerUnderTest server)
    {
        var name = server.NewName("nothing");
        var first = ObjectHeader.Read((await ApplyAsync(server, name, """{"size":1}""", "m1")).Value.Span);
        // Managed fields have times in whole seconds: a server that wrote again would show it.
        await server.PassAsync(TimeSpan.FromSeconds(1.1));
        ObjectHeader.Read((await ApplyAsync(server, name, """{"size":1}""", "m1")).Value.Span).Should().Be(first);
    }

    private static async Task ApplyConflict(ApiServerUnderTest server)
    {
        var name = server.NewName("conflict");
        await ApplyAsync(server, name, """{"size":1}""", "m1");
        (await ApplyAsync(server, name, """{"color":"red"}""", "m2")).Failure.Should().BeNull("another field is nobody's");
        (await ApplyAsync(server, name, """{"size":2}""", "m2")).Failure!.Kind.Should().Be(ApiFailureKind.FieldConflict);
        Spec((await ApplyAsync(server, name, """{"size":3}""", "m2", force: true)).Value).Should().Be("""{"size":3}""");
        (await ApplyAsync(server, name, """{"size":4}""", "m1")).Failure!.Kind.Should().Be(ApiFailureKind.FieldConflict, "it has changed hands");
    }

    private static async Task ApplyStatus(ApiServerUnderTest server)
    {
        var name = server.NewName("status");
        var key = new ObjectKey(name);
        var body = Encoding.UTF8.GetBytes($$"""{"apiVersion":"test.damon.dev/v1","kind":"Widget","metadata":{"name":"{{name}}"},"spec":{"size":9},"status":{"state":"good"} }""");
        var absent = await server.Client.PatchAsync(ApiServerUnderTest.Widgets, key, PatchKind.Apply, body, "agent", force: true, CancellationToken.None, "status");
        absent.Failure!.Kind.Should().Be(ApiFailureKind.NotFound);

        await server.CreateAsync(name, 1, "a");
        var written = (await server.Client.PatchAsync(ApiServerUnderTest.Widgets, key, PatchKind.Apply, body, "agent", force: true, CancellationToken.None, "status")).Value;
        Spec(written).Should().Be("""{"size":1}""");
        using var document = JsonDocument.Parse(written);
        document.RootElement.GetProperty("status").GetProperty("state").GetString().Should().Be("good");
        document.RootElement.GetProperty("metadata").GetProperty("generation").GetInt32().Should().Be(1);
    }

    private static async Task ApplyIdentity(ApiServerUnderTest server)
    {
        const string Nobodys = "0e000000-0000-0000-0000-000000000000";
        var (name, absent) = (server.NewName("identity"), server.NewName("absent"));
        await server.CreateAsync(name, 1, "a");
        Task<ApiResult<ReadOnlyMemory<byte>>> Write(string to, string half, string? subresource) => server.Client.PatchAsync(
            ApiServerUnderTest.Widgets,
            new ObjectKey(to),
            PatchKind.Apply,
            Encoding.UTF8.GetBytes($$"""{"apiVersion":"test.damon.dev/v1","kind":"Widget","metadata":{"name":"{{to}}","uid":"{{Nobodys}}"},{{half}} }"""),
            "agent",
            force: true,
            CancellationToken.None,
            subresource);
        (await Write(name, "\"spec\":{\"size\":2}", subresource: null)).Failure!.Kind.Should().Be(ApiFailureKind.Invalid);
        (await Write(name, "\"status\":{\"state\":\"good\"}", "status")).Failure.Should().BeNull("a status is written without a look at the identity");
        // Servers before 1.26 or so make an object with an identity of its own.
        if (server.ChecksIdentityOfApplies)
            (await Write(absent, "\"spec\":{\"size\":2}", subresource: null)).Failure!.Kind.Should().Be(ApiFailureKind.Conflict);
    }

    private static async Task KindTakenAway(ApiServerUnderTest server)
    {
        var gadgets = new ObjectQuery(ApiServerUnderTest.Gadgets);
        var (_, version) = await server.ListAsync(gadgets, new ListPosition());
        await server.Client.CreateAsync(ApiServerUnderTest.Gadgets, "", ApiServerUnderTest.Widget("one", 1, "a", kind: ApiServerUnderTest.Gadgets), CancellationToken.None);
        var watching = server.WatchAsync(gadgets, version, seconds: 20);
        await server.PassAsync(TimeSpan.FromSeconds(0.5));
        await server.RemoveGadgetsAsync();
        (await watching).Events.Should().Equal("Added one", "Deleted one");
        ApiFailure? failure = null;
        for (var attempt = 0; attempt < 100 && failure is null; attempt++)
        {
            failure = (await server.Client.ListAsync(gadgets, new ListPosition(), static _ => { }, CancellationToken.None)).Failure;
            await server.PassAsync(TimeSpan.FromMilliseconds(100));
        }

        failure!.Kind.Should().Be(ApiFailureKind.NotFound);
    }

    private static Task<ApiResult<ReadOnlyMemory<byte>>> ApplyAsync(ApiServerUnderTest server, string name, string spec, string manager, bool force = false) => server.Client.PatchAsync(
        ApiServerUnderTest.Widgets,
        new ObjectKey(name),
        PatchKind.Apply,
        Encoding.UTF8.GetBytes($$"""{"apiVersion":"test.damon.dev/v1","kind":"Widget","metadata":{"name":"{{name}}"},"spec":{{spec}} }"""),
        manager,
        force,
        CancellationToken.None);

    private static string Spec(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.GetProperty("spec").GetRawText();
    }
}
