using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Damon.Testing.ApiServer;

/// <summary>
/// An API server in memory, as far as controllers see one: lists in pages that all show one state, watches from any version it remembers, bookmarks, selectors, optimistic locking, server-side apply,
/// status apart, and everything that can go wrong with them. Given to a client as its transport. It is held to a real server by running the same laws on both.
/// </summary>
public sealed partial class FakeApiServer : HttpMessageHandler
{
    private static readonly TimeSpan BookmarkInterval = TimeSpan.FromMinutes(1);

    /// <summary>A server says where a watch stands shortly before it ends it.</summary>
    private static readonly TimeSpan LastBookmark = TimeSpan.FromSeconds(2);

    private readonly TimeProvider _time;
    private readonly long _started;
    private readonly Dictionary<string, FakeCollection> _collections = new(StringComparer.Ordinal);
    private readonly List<(long Version, FakeCollection Collection, JsonObject? Before, JsonObject? After)> _log = [];
    private readonly List<FakeWatch> _watches = [];
    private readonly List<FakeRequest> _requests = [];
    private long _version = 1000;
    private long _compacted = 1000;
    private long _uids;

    /// <summary>Makes a server without objects.</summary>
    /// <param name="time">The clock of its watches.</param>
    /// <param name="kinds">What it has.</param>
    public FakeApiServer(TimeProvider time, params FakeKind[] kinds)
    {
        _time = time;
        _started = time.GetTimestamp();
        foreach (var kind in kinds)
            AddKind(kind);
    }

    /// <summary>Asked for each request what goes wrong with it; null for nothing.</summary>
    public Func<FakeRequest, FakeFault?> Faults { get; set; } = static _ => null;

    /// <summary>Every request so far, those that failed too.</summary>
    public IReadOnlyList<FakeRequest> Requests => _requests;

    /// <summary>How many watches clients have open.</summary>
    public int OpenWatches => _watches.Count(watch => !watch.Body.IsClosed);

    /// <summary>How many versions lists from memory are behind.</summary>
    public long CacheLag { get; set; }

    /// <summary>Whether watches bring bookmarks. A server may leave them out.</summary>
    public bool SendsBookmarks { get; set; } = true;

    /// <summary>The state of all.</summary>
    public long Version => _version;

    internal static string Text(long version) => version.ToString(CultureInfo.InvariantCulture);

    internal static JsonObject MetadataOf(JsonObject found) => new()
    {
        ["kind"] = "PartialObjectMetadata",
        ["apiVersion"] = "meta.k8s.io/v1",
        ["metadata"] = found["metadata"]!.DeepClone(),
    };

    /// <summary>The objects of a kind, as they are.</summary>
    public IReadOnlyList<JsonObject> Objects(FakeKind kind) => [.. Of(kind).Objects.Values.Select(FakeJson.Clone)];

    /// <summary>Makes an object or puts another in its place, as some other client would.</summary>
    public JsonObject Put(FakeKind kind, JsonObject body)
    {
        var collection = Of(kind);
        var key = KeyOf(body);
        return collection.Objects.TryGetValue(key, out var before)
            ? Update(collection, key, before, body, subresource: "", "other")
            : Create(collection, body, "other");
    }

    /// <summary>Makes an object or puts another in its place.</summary>
    public JsonObject Put(FakeKind kind, string json) => Put(kind, (JsonObject)JsonNode.Parse(json)!);

    /// <summary>Makes an object that is as it stands, its uid and its status too, as other parts of a cluster would have made it by now.</summary>
    public JsonObject Restore(FakeKind kind, string json) => Create(Of(kind), (JsonObject)JsonNode.Parse(json)!, "other", isWhole: true);

    /// <summary>Deletes an object, as some other client would.</summary>
    public void Delete(FakeKind kind, string ns, string name)
    {
        var collection = Of(kind);
        var key = FakeCollection.Key(ns, name);
        Delete(collection, key, collection.Objects[key]);
    }

    /// <summary>Forgets all that was: watches and lists from before expire.</summary>
    public void Compact()
    {
        _compacted = _version;
        _log.Clear();
        foreach (var collection in _collections.Values)
            collection.Compact();
    }

    /// <summary>The kind is there.</summary>
    public void AddKind(FakeKind kind) => _collections.Add($"{kind.Root}/{kind.Plural}", new FakeCollection(kind, _version));

    /// <summary>The kind is taken away, and its objects with it.</summary>
    public void RemoveKind(FakeKind kind)
    {
        var collection = Of(kind);
        foreach (var (key, found) in collection.Objects)
            Write(collection, key, found, after: null);
        foreach (var watch in TakeWatches().Where(watch => watch.Collection == collection))
            watch.End();
        _collections.Remove($"{kind.Root}/{kind.Plural}");
    }

    /// <summary>The connections of all watches are reset.</summary>
    public void DropWatches() => TakeWatches().ForEach(watch => watch.Body.Break());

    /// <summary>All watches end in good order, before their time.</summary>
    public void EndWatches() => TakeWatches().ForEach(watch => watch.Body.End());

    /// <summary>All watches end within an event.</summary>
    public void CutWatches() => TakeWatches().ForEach(watch =>
    {
        watch.Send("""{"type":"ADDED","object":{"kind":"Wid"""u8.ToArray());
        watch.Body.End();
    });

    /// <summary>All watches bring a line that is no event, and go on.</summary>
    public void GarbleWatches() => _watches.ForEach(watch => watch.Send("{\"type\":\"ADDED\"}\n"u8.ToArray()));

    /// <summary>All watches are told that their place is forgotten.</summary>
    public void ExpireWatches() => FailWatches(410, "Expired");

    /// <summary>All watches are told a failure, and end.</summary>
    public void FailWatches(int code, string reason) => TakeWatches().ForEach(watch =>
    {
        watch.Send(FakeJson.Event("ERROR", FakeJson.Status(code, reason, $"{reason} by the test", [])));
        watch.End();
    });

    /// <summary>The connections of all watches are half-open: nothing comes, not even an end.</summary>
    public void SilenceWatches() => _watches.ForEach(watch => watch.FallSilent());

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // The client's own time of travel: a server's answer never comes within the call.
        await Task.Yield();
        cancellationToken.ThrowIfCancellationRequested();
        var (parsed, collection, ns) = Parse(request);
        _requests.Add(parsed);
        var fault = Faults(parsed);
        if (fault?.Delay > TimeSpan.Zero)
            await Task.Delay(fault.Delay, _time, cancellationToken);
        if (fault?.Hang == true)
            await Task.Delay(Timeout.InfiniteTimeSpan, _time, cancellationToken);
        if (fault?.IsUnreachable == true)
            throw new HttpRequestException("Connection refused by the test.");
        if (fault?.Code > 0)
            return Failure(request, fault.Code, fault.Reason, "by the test", fault.Causes, fault.RetryAfter);
        if (collection is null)
            return new HttpResponseMessage(HttpStatusCode.NotFound) { RequestMessage = request, Content = Whole("404 page not found\n"u8.ToArray()) };

        HttpResponseMessage answer;
        try
        {
            answer = Answer(request, parsed, collection, ns);
        }
        catch (FakeStatusException status)
        {
            answer = Failure(request, status.Code, status.Reason, status.Message, status.Causes, retryAfter: null);
        }

        if (fault?.LosesAnswer == true)
        {
            answer.Dispose();
            throw new HttpRequestException("Connection reset by the test.");
        }

        if (fault?.CutsBody == true && parsed.Verb != FakeVerb.Watch)
        {
            using var whole = new MemoryStream();
            await (await answer.Content.ReadAsStreamAsync(cancellationToken)).CopyToAsync(whole, cancellationToken);
            answer.Content = Whole(whole.ToArray()[..(int)(whole.Length / 2)]);
        }

        return answer;
    }

    private HttpResponseMessage Answer(HttpRequestMessage request, FakeRequest parsed, FakeCollection collection, string ns)
    {
        var key = FakeCollection.Key(ns, parsed.Name);
        collection.Objects.TryGetValue(key, out var found);
        var manager = parsed.Query.GetValueOrDefault("fieldManager", "other");
        switch (parsed.Verb)
        {
            case FakeVerb.List:
                return Success(request, List(parsed, collection, ns, IsMetadataOnly(request)));
            case FakeVerb.Watch:
                return Watch(request, parsed, collection, ns);
            case FakeVerb.Create:
                var body = Body(request);
                if (collection.Kind.IsNamespaced)
                    FakeJson.Object(body, "metadata")["namespace"] ??= ns;
                return Success(request, Create(collection, body, manager), HttpStatusCode.Created);
            case FakeVerb.Apply:
                return Success(request, Apply(collection, key, found, Body(request), parsed, manager));
        }

        if (found is null)
            throw new FakeStatusException(404, "NotFound", $"{collection.Kind.Plural} \"{parsed.Name}\" not found");
        switch (parsed.Verb)
        {
            case FakeVerb.Update:
                return Success(request, Update(collection, key, found, Body(request), parsed.Subresource, manager));
            case FakeVerb.Patch:
                var merged = FakeJson.Clone(found);
                FakeJson.Object(merged, "metadata").Remove("resourceVersion");
                FakeJson.Merge(merged, Body(request));
                FakeJson.Object(merged, "metadata")["resourceVersion"] ??= FakeJson.Text(found, "metadata", "resourceVersion");
                return Success(request, Update(collection, key, found, merged, parsed.Subresource, manager));
            case FakeVerb.Delete:
                if (request.Content is not null && FakeJson.Text(Body(request), "preconditions", "uid") is { } uid && uid != FakeJson.Text(found, "metadata", "uid"))
                    throw new FakeStatusException(409, "Conflict", "Precondition failed: UID");
                return Success(request, Delete(collection, key, found));
            default:
                return Success(request, FakeJson.Clone(found));
        }
    }

    private JsonObject List(FakeRequest request, FakeCollection collection, string ns, bool isMetadataOnly)
    {
        var selector = Selector(request, collection, ns);
        var limit = int.Parse(request.Query.GetValueOrDefault("limit", "0"), CultureInfo.InvariantCulture);
        long at;
        var after = "";
        if (request.Query.TryGetValue("continue", out var token))
        {
            var parts = Encoding.UTF8.GetString(Convert.FromBase64String(token)).Split('\n');
            (at, after) = (long.Parse(parts[0], CultureInfo.InvariantCulture), parts[1]);
            if (at < _compacted)
                throw new FakeStatusException(410, "Expired", "The provided continue parameter is too old to display a consistent list result.");
        }
        else
        {
            var asked = request.Query.GetValueOrDefault("resourceVersion", "");
            var wanted = asked.Length > 0 ? long.Parse(asked, CultureInfo.InvariantCulture) : 0;
            if (wanted > _version)
                throw new FakeStatusException(504, "Timeout", $"Timeout: Too large resource version: {wanted}, current: {_version}", ["ResourceVersionTooLarge"]);
            at = asked.Length == 0 ? _version : Math.Max(wanted, Math.Max(_compacted, _version - CacheLag));
            // What memory answers comes in one piece.
            if (asked == "0")
                limit = 0;
        }

        var found = collection.At(at).Where(entry => string.CompareOrdinal(entry.Key, after) > 0 && selector.Fits(entry.Value)).ToList();
        var page = limit > 0 ? found.Take(limit).ToList() : found;
        JsonObject metadata = new() { ["resourceVersion"] = Text(at) };
        if (page.Count < found.Count)
            metadata["continue"] = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{at}\n{page[^1].Key}"));
        return new JsonObject
        {
            ["apiVersion"] = isMetadataOnly ? "meta.k8s.io/v1" : collection.Kind.ApiVersion,
            ["items"] = new JsonArray([.. page.Select(entry => isMetadataOnly ? MetadataOf(entry.Value) : FakeJson.Clone(entry.Value))]),
            ["kind"] = isMetadataOnly ? "PartialObjectMetadataList" : $"{collection.Kind.Kind}List",
            ["metadata"] = metadata,
        };
    }

    private HttpResponseMessage Watch(HttpRequestMessage request, FakeRequest parsed, FakeCollection collection, string ns)
    {
        var body = new FakeBody();
        var asked = parsed.Query.GetValueOrDefault("resourceVersion", "");
        var watch = new FakeWatch(
            collection, Selector(parsed, collection, ns), IsMetadataOnly(request), body, asked.Length > 0 ? long.Parse(asked, CultureInfo.InvariantCulture) : 0);
        var answer = new HttpResponseMessage(HttpStatusCode.OK) { RequestMessage = request, Content = new FakeContent(body) };
        if (asked is "" or "0")
        {
            foreach (var found in collection.Objects.Values)
                watch.Tell(before: null, found, FakeJson.Text(found, "metadata", "resourceVersion")!);
        }
        else
        {
            var from = long.Parse(asked, CultureInfo.InvariantCulture);
            if (from < _compacted)
            {
                watch.Send(FakeJson.Event("ERROR", FakeJson.Status(410, "Expired", $"too old resource version: {from} ({_compacted})", [])));
                watch.End();
                return answer;
            }

            foreach (var change in _log.Where(change => change.Version > from && change.Collection == collection))
                watch.Tell(change.Before, change.After, Text(change.Version));
        }

        _watches.RemoveAll(old => old.Body.IsClosed);
        _watches.Add(watch);
        _ = EndInTimeAsync(watch, parsed);
        return answer;
    }

    private async Task EndInTimeAsync(FakeWatch watch, FakeRequest request)
    {
        var left = TimeSpan.FromSeconds(long.Parse(request.Query.GetValueOrDefault("timeoutSeconds", "1800"), CultureInfo.InvariantCulture));
        var marks = SendsBookmarks && request.Query.GetValueOrDefault("allowWatchBookmarks") == "true";
        while (left > TimeSpan.Zero && _watches.Contains(watch) && !watch.Body.IsClosed)
        {
            var step = left <= LastBookmark ? left : left - LastBookmark < BookmarkInterval ? left - LastBookmark : BookmarkInterval;
            await Task.Delay(step, _time);
            left -= step;
            if (marks && left > TimeSpan.Zero)
                watch.Bookmark(_version);
        }

        if (_watches.Remove(watch))
            watch.End();
    }

    private void Write(FakeCollection collection, string key, JsonObject? before, JsonObject? after)
    {
        var at = ++_version;
        if (after is not null)
            FakeJson.Object(after, "metadata")["resourceVersion"] = Text(at);
        collection.Set(at, key, after);
        _log.Add((at, collection, before, after));
        foreach (var watch in _watches.Where(watch => watch.Collection == collection))
            watch.Tell(before, after, Text(at));
    }

    private List<FakeWatch> TakeWatches()
    {
        var open = _watches.ToList();
        _watches.Clear();
        return open;
    }

    private FakeCollection Of(FakeKind kind) => _collections[$"{kind.Root}/{kind.Plural}"];

    private static FakeSelector Selector(FakeRequest request, FakeCollection collection, string ns) =>
        new(collection.Kind, ns, request.Query.GetValueOrDefault("labelSelector", ""), request.Query.GetValueOrDefault("fieldSelector", ""));

    private static string KeyOf(JsonObject body) => FakeCollection.Key(FakeJson.Text(body, "metadata", "namespace") ?? "", FakeJson.Text(body, "metadata", "name") ?? "");

    private static bool IsMetadataOnly(HttpRequestMessage request) =>
        request.Headers.TryGetValues("Accept", out var accept) && string.Join(';', accept).Contains("as=PartialObjectMetadata", StringComparison.Ordinal);

    private static JsonObject Body(HttpRequestMessage request)
    {
        using var stream = request.Content!.ReadAsStream();
        return JsonNode.Parse(stream) as JsonObject ?? throw new FakeStatusException(400, "BadRequest", "No object.");
    }

    private (FakeRequest Request, FakeCollection? Collection, string Namespace) Parse(HttpRequestMessage request)
    {
        var query = request.RequestUri!.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Split('=', 2))
            .ToDictionary(pair => pair[0], pair => Uri.UnescapeDataString(pair[1]), StringComparer.Ordinal);
        var parts = request.RequestUri.AbsolutePath.Trim('/').Split('/').Select(Uri.UnescapeDataString).ToList();
        var rootLength = parts[0] == "api" ? 2 : 3;
        var root = string.Join('/', parts.Take(rootLength));
        var rest = parts.Skip(rootLength).ToList();
        var ns = "";
        if (rest is ["namespaces", var named, _, ..])
        {
            ns = named;
            rest.RemoveRange(0, 2);
        }

        var (plural, name, subresource) = (rest.ElementAtOrDefault(0) ?? "", rest.ElementAtOrDefault(1) ?? "", rest.ElementAtOrDefault(2) ?? "");
        var collection = _collections.GetValueOrDefault($"{root}/{plural}");
        if (subresource.Length > 0 && !(subresource == "status" && collection?.Kind.HasStatus == true))
            collection = null;
        var verb = request.Method.Method switch
        {
            "POST" => FakeVerb.Create,
            "PUT" => FakeVerb.Update,
            "DELETE" => FakeVerb.Delete,
            "PATCH" => request.Content!.Headers.ContentType!.MediaType == "application/apply-patch+yaml" ? FakeVerb.Apply : FakeVerb.Patch,
            _ => name.Length > 0 ? FakeVerb.Get : query.GetValueOrDefault("watch") == "true" ? FakeVerb.Watch : FakeVerb.List,
        };
        var parsed = new FakeRequest(verb, plural, name, subresource, query, _time.GetElapsedTime(_started), request.Headers.Authorization?.Parameter)
        {
            Group = parts[0] == "api" ? "" : parts.ElementAtOrDefault(1) ?? "",
            Namespace = ns,
            BodyBytes = request.Content?.Headers.ContentLength ?? 0,
        };
        return (parsed, collection, ns);
    }

    private static HttpResponseMessage Success(HttpRequestMessage request, JsonObject body, HttpStatusCode code = HttpStatusCode.OK) =>
        new(code) { RequestMessage = request, Content = Whole(FakeJson.Bytes(body)) };

    private static HttpResponseMessage Failure(HttpRequestMessage request, int code, string reason, string message, IReadOnlyList<string> causes, TimeSpan? retryAfter)
    {
        var answer = new HttpResponseMessage((HttpStatusCode)code) { RequestMessage = request, Content = Whole(FakeJson.Bytes(FakeJson.Status(code, reason, message, causes))) };
        if (retryAfter is { } after)
            answer.Headers.RetryAfter = new System.Net.Http.Headers.RetryConditionHeaderValue(after);
        return answer;
    }

    private static FakeContent Whole(byte[] bytes)
    {
        var body = new FakeBody();
        body.Send(bytes);
        body.End();
        return new FakeContent(body);
    }
}
