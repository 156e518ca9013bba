using System.Net.Sockets;
using System.Security.Authentication;
using Damon.Kubernetes.Connections;
using Damon.Kubernetes.Objects;
using Damon.Kubernetes.Requests;

namespace Damon.Kubernetes.Tests.Requests;

/// <summary>Whatever a connection ends by is a failure to be tried again. Anything else is a bug, and is seen as one.</summary>
public class TransportExceptionTests
{
    public static TheoryData<string> OfTransport => [.. Exceptions.Keys];

    private static readonly Dictionary<string, Func<Exception>> Exceptions = new(StringComparer.Ordinal)
    {
        ["of HTTP"] = static () => new HttpRequestException("no route"),
        ["of a stream"] = static () => new IOException("reset"),
        ["of a socket that was reset while it was set up"] = static () => new SocketException((int)SocketError.NotConnected),
        ["of a socket that was closed while it was set up"] = static () => new ObjectDisposedException(typeof(Socket).FullName),
        ["of TLS"] = static () => new AuthenticationException("unknown authority"),
    };

    [Theory]
    [MemberData(nameof(OfTransport))]
    public async Task An_exception_of_the_transport_is_a_failure(string name)
    {
        using var handler = new Throwing(Exceptions[name]);
        var (client, cancellation) = (Client(handler), TestContext.Current.CancellationToken);
        var failures = new[]
        {
            (await client.GetAsync(ResourceKind.Pods, new ObjectKey("a", "b"), cancellation)).Failure,
            (await client.ListAsync(new ObjectQuery(ResourceKind.Pods), new ListPosition(), static _ => { }, cancellation)).Failure,
            (await client.WatchAsync(new ObjectQuery(ResourceKind.Pods), "1", TimeSpan.FromMinutes(1), static () => { }, static (_, _) => { }, cancellation)).Failure,
            (await client.DeleteAsync(ResourceKind.Pods, new ObjectKey("a", "b"), uid: null, cancellation)).Failure,
        };
        failures.Should().OnlyContain(failure => failure != null && failure.Kind == ApiFailureKind.Unreachable && failure.IsTransient);
    }

    [Fact]
    public async Task A_bug_is_none()
    {
        using var handler = new Throwing(static () => new ObjectDisposedException("something of ours"));
        await Client(handler).Invoking(client => client.GetAsync(ResourceKind.Pods, new ObjectKey("a", "b"), CancellationToken.None)).Should().ThrowAsync<ObjectDisposedException>();
    }

    private static ApiClient Client(Throwing handler) =>
        new(new ApiConnection(new Uri("https://server"), new HttpMessageInvoker(handler, disposeHandler: false)), new ApiClientOptions(), TimeProvider.System);

    private sealed class Throwing(Func<Exception> make) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => throw make();
    }
}
