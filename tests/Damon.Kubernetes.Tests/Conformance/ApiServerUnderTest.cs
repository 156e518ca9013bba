using System.Text;
using Damon.Kubernetes.Objects;
using Damon.Kubernetes.Requests;

namespace Damon.Kubernetes.Tests.Conformance;

/// <summary>A server that <c>ApiServerCases</c> are run on: the fake, or a real one.</summary>
internal abstract class ApiServerUnderTest
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private int _names;

    /// <summary>A custom resource without a namespace that has a status apart.</summary>
    public static ResourceKind Widgets { get; } = new("test.damon.dev", "v1", "widgets", "Widget", IsNamespaced: false);

    /// <summary>Another one, which a case may take away.</summary>
    public static ResourceKind Gadgets { get; } = new("test.damon.dev", "v1", "gadgets", "Gadget", IsNamespaced: false);

    public abstract ApiClient Client { get; }

    public abstract TimeProvider Time { get; }

    /// <summary>Leases, events and what else is not a custom resource.</summary>
    public abstract bool HasBuiltInKinds { get; }

    /// <summary>Further pages of a list are read where a compaction reaches. Newer servers may have them in memory.</summary>
    public abstract bool ForgetsPagesOnCompaction { get; }

    /// <summary>Whether an apply with a uid makes no object.</summary>
    public abstract bool ChecksIdentityOfApplies { get; }

    /// <summary>Forgets all versions but the newest.</summary>
    public abstract Task CompactAsync();

    /// <summary>Takes the definition of <see cref="Gadgets"/> away.</summary>
    public abstract Task RemoveGadgetsAsync();

    /// <summary>A name that no other case has.</summary>
    public string NewName(string stem) => $"{stem}-{Interlocked.Increment(ref _names)}-{Time.GetUtcNow().UtcTicks % 1_000_000_000}";

    public Task PassAsync(TimeSpan span) => Task.Delay(span, Time, TestContext.Current.CancellationToken);

    public async Task UntilAsync(Func<bool> holds, string what)
    {
        for (var waited = TimeSpan.Zero; !holds(); waited += TimeSpan.FromMilliseconds(50))
        {
            if (waited >= Patience)
                throw new InvalidOperationException($"In {Patience} this did not come: {what}");
            await PassAsync(TimeSpan.FromMilliseconds(50));
        }
    }

    public static byte[] Widget(string name, int size, string group, string? version = null, ResourceKind? kind = null) => Encoding.UTF8.GetBytes(
        $$"""
        {"apiVersion":"test.damon.dev/v1","kind":"{{(kind ?? Widgets).Kind}}",
         "metadata":{"name":"{{name}}","labels":{"group":"{{group}}"}{{(version is null ? "" : $",\"resourceVersion\":\"{version}\"")}} },
         "spec":{"size":{{size}} } }
        """);

    /// <summary>Makes an object and returns its header.</summary>
    public async Task<ObjectHeader> CreateAsync(string name, int size, string group) =>
        ObjectHeader.Read((await Client.CreateAsync(Widgets, "", Widget(name, size, group), CancellationToken.None)).Value.Span);

    public async Task<ObjectHeader> ReplaceAsync(string name, int size, string group, string version) =>
        ObjectHeader.Read((await Client.ReplaceAsync(Widgets, new ObjectKey(name), Widget(name, size, group, version), CancellationToken.None)).Value.Span);

    public async Task DeleteAsync(string name) => (await Client.DeleteAsync(Widgets, new ObjectKey(name), uid: null, CancellationToken.None)).Failure.Should().BeNull();

    /// <summary>A whole list as names, and its version.</summary>
    public async Task<(List<string> Names, string Version)> ListAsync(ObjectQuery query, ListPosition position)
    {
        List<string> names = [];
        var page = await Client.ListAsync(query, position, json => names.Add(ObjectHeader.Read(json).Key.Name), CancellationToken.None);
        page.Failure.Should().BeNull();
        return (names, page.Value.ResourceVersion);
    }

    /// <summary>What a watch brings in so many seconds, without bookmarks.</summary>
    public async Task<(List<string> Events, WatchEnd End, int Bookmarks)> WatchAsync(ObjectQuery query, string version, int seconds)
    {
        List<string> events = [];
        var bookmarks = 0;
        var end = await Client.WatchAsync(
            query,
            version,
            TimeSpan.FromSeconds(seconds),
            static () => { },
            (type, json) =>
            {
                if (type == WatchEventType.Bookmark)
                    bookmarks++;
                else
                    events.Add($"{type} {ObjectHeader.Read(json).Key.Name}");
            },
            CancellationToken.None);
        return (events, end, bookmarks);
    }
}
