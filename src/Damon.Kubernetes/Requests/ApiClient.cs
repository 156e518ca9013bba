using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using System.Text.Json;
using Damon.Kubernetes.Connections;
using Damon.Kubernetes.Objects;

namespace Damon.Kubernetes.Requests;

/// <summary>
/// The API server's requests, on bytes: nothing here knows a type of object. What goes wrong is a value. A request is sent once: who wants it repeated does that, and knows whether it may be.
/// </summary>
public sealed class ApiClient
{
    private const string Json = "application/json";
    private const string MetadataList = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";
    private const string MetadataObject = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";

    private readonly ApiConnection _connection;
    private readonly ApiClientOptions _options;
    private readonly TimeProvider _time;
    private readonly Func<bool>? _mayWrite;

    /// <summary>Makes a client; nothing is sent.</summary>
    /// <param name="connection">The way to the server; not owned.</param>
    /// <param name="options">Bounds.</param>
    /// <param name="time">The clock.</param>
    public ApiClient(ApiConnection connection, ApiClientOptions options, TimeProvider time)
        : this(connection, options, time, mayWrite: null)
    {
    }

    private ApiClient(ApiConnection connection, ApiClientOptions options, TimeProvider time, Func<bool>? mayWrite)
    {
        _connection = connection;
        _options = options;
        _time = time;
        _mayWrite = mayWrite;
    }

    /// <summary>A client that asks before each write, at the last moment, whether it may: a leader that slept through its lease writes nothing on waking.</summary>
    /// <param name="mayWrite">Asked for each request that changes something; refusals are <see cref="ApiFailureKind.Fenced"/>.</param>
    public ApiClient Fenced(Func<bool> mayWrite) => new(_connection, _options, _time, mayWrite);

    /// <summary>Reads one object.</summary>
    public Task<ApiResult<ReadOnlyMemory<byte>>> GetAsync(ResourceKind resource, ObjectKey key, CancellationToken cancellation) =>
        SendAsync(HttpMethod.Get, resource.ObjectPath(key), body: default, contentType: null, cancellation);

    /// <summary>Makes an object.</summary>
    /// <param name="resource">Its kind.</param>
    /// <param name="ns">Its namespace, or empty.</param>
    /// <param name="body">All of it, as JSON.</param>
    /// <param name="cancellation">Gives up.</param>
    public Task<ApiResult<ReadOnlyMemory<byte>>> CreateAsync(ResourceKind resource, string ns, ReadOnlyMemory<byte> body, CancellationToken cancellation) =>
        SendAsync(HttpMethod.Post, resource.CollectionPath(ns), body, Json, cancellation);

    /// <summary>Puts an object in place of the one that is there; a resource version in it makes that one a condition.</summary>
    /// <param name="resource">Its kind.</param>
    /// <param name="key">Which one.</param>
    /// <param name="body">All of it, as JSON.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <param name="subresource">As <c>status</c>, or null.</param>
    public Task<ApiResult<ReadOnlyMemory<byte>>> ReplaceAsync(
        ResourceKind resource, ObjectKey key, ReadOnlyMemory<byte> body, CancellationToken cancellation, string? subresource = null) =>
        SendAsync(HttpMethod.Put, resource.ObjectPath(key, subresource), body, Json, cancellation);

    /// <summary>Changes part of an object. An apply makes it if it is not there.</summary>
    /// <param name="resource">Its kind.</param>
    /// <param name="key">Which one.</param>
    /// <param name="kind">How the patch is to be read.</param>
    /// <param name="body">The patch, as JSON.</param>
    /// <param name="fieldManager">Whose fields they are.</param>
    /// <param name="force">Whether an apply takes fields from other managers.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <param name="subresource">As <c>status</c>, or null.</param>
    public Task<ApiResult<ReadOnlyMemory<byte>>> PatchAsync(
        ResourceKind resource, ObjectKey key, PatchKind kind, ReadOnlyMemory<byte> body, string fieldManager, bool force, CancellationToken cancellation, string? subresource = null)
    {
        var query = $"?fieldManager={Uri.EscapeDataString(fieldManager)}{(kind == PatchKind.Apply && force ? "&force=true" : "")}";
        // JSON is YAML, so the apply type takes it on servers of any age.
        var contentType = kind == PatchKind.Apply ? "application/apply-patch+yaml" : "application/merge-patch+json";
        return SendAsync(HttpMethod.Patch, resource.ObjectPath(key, subresource) + query, body, contentType, cancellation);
    }

    /// <summary>Deletes an object.</summary>
    /// <param name="resource">Its kind.</param>
    /// <param name="key">Which one.</param>
    /// <param name="uid">Only if it is that one, or null.</param>
    /// <param name="cancellation">Gives up.</param>
    public Task<ApiResult<ReadOnlyMemory<byte>>> DeleteAsync(ResourceKind resource, ObjectKey key, string? uid, CancellationToken cancellation)
    {
        var body = uid is null
            ? default
            : Encoding.UTF8.GetBytes($$"""{"apiVersion":"v1","kind":"DeleteOptions","preconditions": {"uid": "{{JsonEncodedText.Encode(uid)}}" } }""");
        return SendAsync(HttpMethod.Delete, resource.ObjectPath(key), body, uid is null ? null : Json, cancellation);
    }

    /// <summary>Reads one page of a list, object by object as it arrives.</summary>
    /// <param name="query">Which objects.</param>
    /// <param name="position">Which page, and of what age.</param>
    /// <param name="reader">Takes each object; what it throws ends the call.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>A failure may come after objects were read: nothing may be concluded from those.</returns>
    public async Task<ApiResult<ListPage>> ListAsync(ObjectQuery query, ListPosition position, ItemReader reader, CancellationToken cancellation)
    {
        var uri = new StringBuilder(query.Resource.CollectionPath(query.Namespace));
        AppendSelectors(uri, query);
        if (position.Limit > 0)
            Append(uri, "limit", position.Limit.ToString(CultureInfo.InvariantCulture));
        if (position.Continue.Length > 0)
        {
            Append(uri, "continue", position.Continue);
        }
        else if (position.ResourceVersion is { } version)
        {
            Append(uri, "resourceVersion", version);
            Append(uri, "resourceVersionMatch", "NotOlderThan");
        }

        using var request = Request(HttpMethod.Get, uri.ToString(), query.MetadataOnly ? MetadataList : Json);
        using var deadline = new CancellationTokenSource(_options.ListTimeout, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellation, deadline.Token);
        try
        {
            using var response = await _connection.SendAsync(request, linked.Token);
            if (!response.IsSuccessStatusCode)
                return await ReadFailureAsync(response, linked.Token);
            await using var stream = await response.Content.ReadAsStreamAsync(linked.Token);
            using var buffer = new StreamBuffer(stream, _options.MaxObjectBytes);
            return await new ListPageReader(buffer, reader).ReadAsync(linked.Token);
        }
        catch (Exception error) when (FailureOf(error, deadline, cancellation) is { } failure)
        {
            return failure;
        }
    }

    /// <summary>Follows changes until the server ends it, at the latest a little after the given time.</summary>
    /// <param name="query">Of which objects.</param>
    /// <param name="resourceVersion">After which state.</param>
    /// <param name="timeout">How long the server is asked to go on; whole seconds count.</param>
    /// <param name="opened">Called once the server has accepted.</param>
    /// <param name="reader">Takes each event; what it throws ends the call.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<WatchEnd> WatchAsync(
        ObjectQuery query, string resourceVersion, TimeSpan timeout, Action opened, WatchEventReader reader, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(timeout, TimeSpan.FromSeconds(1));
        var uri = new StringBuilder(query.Resource.CollectionPath(query.Namespace));
        AppendSelectors(uri, query);
        Append(uri, "watch", "true");
        Append(uri, "allowWatchBookmarks", "true");
        Append(uri, "resourceVersion", resourceVersion);
        Append(uri, "timeoutSeconds", ((long)timeout.TotalSeconds).ToString(CultureInfo.InvariantCulture));

        using var request = Request(HttpMethod.Get, uri.ToString(), query.MetadataOnly ? MetadataObject : Json);
        // A server that is gone without a word never ends a watch.
        using var deadline = new CancellationTokenSource(timeout + _options.WatchGrace, _time);
        // The head of the answer is due at once; only then is it a watch.
        using var head = new CancellationTokenSource(_options.RequestTimeout, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellation, deadline.Token);
        using var linkedHead = CancellationTokenSource.CreateLinkedTokenSource(linked.Token, head.Token);
        var isOpened = false;
        var events = 0L;
        try
        {
            using var response = await _connection.SendAsync(request, linkedHead.Token);
            if (!response.IsSuccessStatusCode)
                return new WatchEnd(await ReadFailureAsync(response, linkedHead.Token), isOpened, events);
            isOpened = true;
            opened();
            await using var stream = await response.Content.ReadAsStreamAsync(linked.Token);
            using var buffer = new StreamBuffer(stream, _options.MaxObjectBytes);
            var searched = 0;
            while (true)
            {
                var end = buffer.Unread[searched..].IndexOf((byte)'\n');
                if (end >= 0)
                {
                    var length = searched + end;
                    searched = 0;
                    if (length > 0 && ReadLine(buffer.Unread[..length], reader) is { } failure)
                        return new WatchEnd(failure, isOpened, events);
                    buffer.Consume(length + 1);
                    events++;
                    continue;
                }

                searched = buffer.Unread.Length;
                if (!await buffer.FillAsync(linked.Token))
                    break;
            }

            // A line without its end was cut off: the connection broke, and what it began to say comes again.
            return buffer.Unread.IsEmpty
                ? new WatchEnd(Failure: null, isOpened, events)
                : new WatchEnd(new ApiFailure(ApiFailureKind.Unreachable, 0, "The watch broke off within an event."), isOpened, events);
        }
        catch (Exception error) when (FailureOf(error, isOpened ? deadline : head, cancellation) is { } failure)
        {
            return new WatchEnd(failure, isOpened, events);
        }
    }

    private static ApiFailure? ReadLine(ReadOnlySpan<byte> line, WatchEventReader reader)
    {
        var parsed = WatchLine.Parse(line);
        if (parsed.Type is not { } type)
            return FailureReader.Read(code: 0, parsed.Content, retryAfter: null);
        reader(type, parsed.Content);
        return null;
    }

    private async Task<ApiResult<ReadOnlyMemory<byte>>> SendAsync(HttpMethod method, string uri, ReadOnlyMemory<byte> body, string? contentType, CancellationToken cancellation)
    {
        using var request = Request(method, uri, Json);
        if (contentType is not null)
        {
            request.Content = new ReadOnlyMemoryContent(body);
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        }

        using var deadline = new CancellationTokenSource(_options.RequestTimeout, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellation, deadline.Token);
        try
        {
            if (method != HttpMethod.Get && _mayWrite is not null && !_mayWrite())
                return new ApiFailure(ApiFailureKind.Fenced, 0, "Not the leader any more: nothing is written.");
            using var response = await _connection.SendAsync(request, linked.Token);
            if (!response.IsSuccessStatusCode)
                return await ReadFailureAsync(response, linked.Token);
            return (ReadOnlyMemory<byte>)await ReadBodyAsync(response, linked.Token);
        }
        catch (Exception error) when (FailureOf(error, deadline, cancellation) is { } failure)
        {
            return failure;
        }
    }

    private HttpRequestMessage Request(HttpMethod method, string uri, string accept)
    {
        // HTTP/2 where the server speaks it: all watches of a process then share one connection.
        var request = new HttpRequestMessage(method, new Uri(_connection.BaseUri, uri)) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionOrLower };
        request.Headers.TryAddWithoutValidation("Accept", accept);
        return request;
    }

    private async Task<ApiFailure> ReadFailureAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        if (response.StatusCode == HttpStatusCode.Unauthorized)
            _connection.Rejected();
        var retryAfter = response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } when date > _time.GetUtcNow() => date - _time.GetUtcNow(),
            _ => (TimeSpan?)null,
        };
        byte[] body;
        try
        {
            body = await ReadBodyAsync(response, cancellation);
        }
        catch (Exception error) when (error is InvalidDataException || IsOfTransport(error))
        {
            // The code has been said; the words to it are lost.
            body = [];
        }

        return FailureReader.Read((int)response.StatusCode, body, retryAfter);
    }

    private async Task<byte[]> ReadBodyAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(cancellation);
        using var buffer = new StreamBuffer(stream, _options.MaxObjectBytes);
        while (await buffer.FillAsync(cancellation))
        {
        }

        return buffer.Unread.ToArray();
    }

    /// <summary>What an exception of the transport or of the JSON says. Null for bugs, and for the caller's own cancellation.</summary>
    private static ApiFailure? FailureOf(Exception error, CancellationTokenSource deadline, CancellationToken cancellation) => error switch
    {
        _ when cancellation.IsCancellationRequested => null,
        OperationCanceledException when deadline.IsCancellationRequested => new ApiFailure(ApiFailureKind.Unreachable, 0, "No answer in time."),
        OperationCanceledException => new ApiFailure(ApiFailureKind.Unreachable, 0, "The connection was given up."),
        _ when IsOfTransport(error) || error is AuthenticationException or UnauthorizedAccessException =>
            new ApiFailure(ApiFailureKind.Unreachable, 0, error.InnerException is { } inner ? $"{error.Message} ({inner.Message})" : error.Message),
        JsonException or InvalidDataException => new ApiFailure(ApiFailureKind.Malformed, 0, error.Message),
        _ => null,
    };

    /// <summary>A connection that is reset while the pool sets it up leaves the pool as the socket's own exception, not as one of HTTP.</summary>
    private static bool IsOfTransport(Exception error) =>
        error is HttpRequestException or IOException or SocketException || (error is ObjectDisposedException disposed && disposed.ObjectName == typeof(Socket).FullName);

    private static void AppendSelectors(StringBuilder uri, ObjectQuery query)
    {
        if (query.LabelSelector is { } labels)
            Append(uri, "labelSelector", labels);
        if (query.FieldSelector is { } fields)
            Append(uri, "fieldSelector", fields);
    }

    /// <summary>A collection's path has no question mark, so the first parameter brings it.</summary>
    private static void Append(StringBuilder uri, string name, string value)
    {
        var separator = '?';
        for (var at = 0; at < uri.Length; at++)
        {
            if (uri[at] == '?')
                separator = '&';
        }

        uri.Append(separator).Append(name).Append('=').Append(Uri.EscapeDataString(value));
    }
}
