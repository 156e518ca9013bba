using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Damon.Engine.Host;
using Damon.Hosting.Metrics;
using Damon.NodeAgent.Heatmaps;
using Damon.NodeAgent.Http;
using Damon.NodeAgent.Metrics;
using Damon.NodeAgent.Tests.Metrics;
using Damon.Testing;

namespace Damon.NodeAgent.Tests.Http;

/// <summary>The server on a real loopback socket. What it does in time is asserted by what arrives, never by how long it took.</summary>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "The token's file lies in a temporary folder.")]
public sealed class AgentHttpServerTests : IAsyncDisposable
{
    private const string Token = "0123456789abcdef0123456789abcdef";

    private static readonly AgentHttpOptions OnLoopback = new() { Listen = new IPEndPoint(IPAddress.Loopback, 0) };

    private readonly string _folder = Directory.CreateTempSubdirectory("damon-http-tests-").FullName;
    private readonly FakeAgentView _view = new() { LastTurn = TimeProvider.System.GetTimestamp() };
    private readonly List<Exception> _errors = [];
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false });
    private AgentHttpServer? _server;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Pages_arrive_with_their_type_and_are_not_to_be_kept()
    {
        var address = await Start(OnLoopback);
        using var metrics = await _client.GetAsync(new Uri(address, "/metrics"), Cancellation);
        metrics.StatusCode.Should().Be(HttpStatusCode.OK);
        metrics.Content.Headers.ContentType!.ToString().Should().Be(MetricSamples.ContentType);
        metrics.Headers.CacheControl!.NoStore.Should().BeTrue();
        metrics.Headers.Server.Should().BeEmpty();
        ExpositionCheck.Problems(await metrics.Content.ReadAsStringAsync(Cancellation)).Should().BeEmpty();
        (await _client.GetStringAsync(new Uri(address, "/healthz"), Cancellation)).Should().Be("ok\n");
        using var head = await _client.SendAsync(new HttpRequestMessage(HttpMethod.Head, new Uri(address, "/metrics")), Cancellation);
        head.Content.Headers.ContentLength.Should().Be(metrics.Content.Headers.ContentLength);
        _errors.Should().BeEmpty();
    }

    [Theory]
    [InlineData("0.0.0.0:0")]
    [InlineData("[::]:0")]
    [InlineData("192.0.2.1:0")]
    public async Task Where_others_can_reach_it_it_does_not_start_without_a_token(string listen)
    {
        await using var server = Server(new AgentHttpOptions { Listen = IPEndPoint.Parse(listen) });
        (await server.StartAsync(Cancellation)).Should().Contain("a file with a token").And.Contain("127.0.0.1");
        server.Address.Should().BeNull();
    }

    [Fact]
    public async Task A_token_file_that_is_not_there_is_no_start()
    {
        await using var server = Server(OnLoopback with { TokenPath = "/missing" });
        (await server.StartAsync(Cancellation)).Should().Contain("/missing");
    }

    [Fact]
    public async Task An_address_that_is_taken_is_a_value_with_the_address_in_it()
    {
        var address = await Start(OnLoopback);
        await using var second = Server(new AgentHttpOptions { Listen = new IPEndPoint(IPAddress.Loopback, address.Port) });
        (await second.StartAsync(Cancellation)).Should().Contain($"cannot listen on 127.0.0.1:{address.Port}");
    }

    [Theory]
    [InlineData("/metrics", "", 401)]
    [InlineData("/metrics", "wrong-token-wrong-token", 401)]
    [InlineData("/metrics", Token, 200)]
    [InlineData("/v1/snapshot", "", 401)]
    [InlineData("/v1/snapshot", Token, 200)]
    [InlineData("/v1/pods/batch/worker-0/heatmap", "", 401)]
    [InlineData("/nowhere", "", 401)]
    [InlineData("/nowhere", Token, 404)]
    [InlineData("/healthz", "", 200)]
    [InlineData("/readyz", "", 200)]
    public async Task With_a_token_only_health_is_for_everybody(string path, string token, int status)
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "token"), Token + "\n", Cancellation);
        var address = await Start(new AgentHttpOptions { Listen = new IPEndPoint(IPAddress.Any, 0), TokenPath = "/token" });
        using var request = new HttpRequestMessage(HttpMethod.Get, new UriBuilder(address) { Host = "127.0.0.1", Path = path }.Uri);
        if (token.Length > 0)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        using var response = await _client.SendAsync(request, Cancellation);
        ((int)response.StatusCode).Should().Be(status);
        (response.Headers.WwwAuthenticate.Count > 0).Should().Be(status == 401);
    }

    /// <summary>Requests as bytes, and the status that the first line of the answer bears.</summary>
    public static TheoryData<string, int> Requests => new()
    {
        { "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n", 200 },
        { "GET /metrics HTTP/1.1\r\nHost: 127.0.0.1:9855\r\n\r\n", 200 },
        { "GET /metrics HTTP/1.1\r\nHost: [::1]:9855\r\n\r\n", 200 },
        { "GET /metrics HTTP/1.0\r\n\r\n", 200 },

        // A page in somebody's browser, whose name was made to point here.
        { "GET /v1/snapshot HTTP/1.1\r\nHost: attacker.example\r\n\r\n", 421 },
        { "GET /metrics HTTP/1.1\r\nHost: 127.0.0.1.attacker.example\r\n\r\n", 421 },
        { "GET /metrics HTTP/1.1\r\nHost: localhost.attacker.example:80\r\n\r\n", 421 },

        { "GET /metrics HTTP/1.1\r\n\r\n", 400 },
        { "GET /metrics HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400 },
        { "GET /metrics\r\n\r\n", 400 },
        { "GET /metrics HTTP/9.9\r\nHost: localhost\r\n\r\n", 505 },
        { "\u0001\u0002\u0003\r\n\r\n", 400 },
        { "GET /metrics HTTP/1.1\r\nHost: localhost\r\nNo colon\r\n\r\n", 400 },
        { "GET /metrics HTTP/1.1\r\nHost: localhost\r\nX: a\0b\r\n\r\n", 400 },
        { "GET /%00 HTTP/1.1\r\nHost: localhost\r\n\r\n", 400 },
        { "GET /metrics/../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n", 404 },
        { "GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n", 404 },
        { "GET /v1/pods/..%2f..%2f/x/heatmap HTTP/1.1\r\nHost: localhost\r\n\r\n", 404 },
        { "GET /v1/pods/batch/worker-0/heatmap%00.json HTTP/1.1\r\nHost: localhost\r\n\r\n", 400 },
        { "GET http://localhost/metrics HTTP/1.1\r\nHost: localhost\r\n\r\n", 404 },
        { "OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n", 405 },
        { "POST /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n", 405 },
        { "DELETE /v1/snapshot HTTP/1.1\r\nHost: localhost\r\n\r\n", 405 },
        { "GET /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000\r\n\r\n", 413 },
        { "POST /metrics HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", 413 },
        { "POST /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n", 400 },
        { $"GET /{new string('a', 2000)} HTTP/1.1\r\nHost: localhost\r\n\r\n", 414 },
        { $"GET /metrics HTTP/1.1\r\nHost: localhost\r\nX: {new string('a', 20_000)}\r\n\r\n", 431 },
        { $"GET /metrics HTTP/1.1\r\nHost: localhost\r\n{string.Concat(Enumerable.Range(0, 100).Select(i => $"X{i}: a\r\n"))}\r\n", 431 },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task Every_request_is_answered_with_its_status_and_the_next_client_is_served(string request, int status)
    {
        var address = await Start(OnLoopback);
        var answer = await Exchange(address, request);
        answer.Should().StartWith($"HTTP/1.1 {status} ");
        if (status >= 400)
        {
            answer.Should().NotContain("damon_agent_");
        }

        (await _client.GetStringAsync(new Uri(address, "/healthz"), Cancellation)).Should().Be("ok\n");
        _errors.Should().BeEmpty();
    }

    [Theory]
    [InlineData("")]
    [InlineData("GET /met")]
    [InlineData("GET /metrics HTTP/1.1\r\nHost: localhost\r\nX: ")]
    public async Task A_client_that_does_not_end_its_request_is_cut_off(string half)
    {
        var address = await Start(OnLoopback with { HeadTimeout = TimeSpan.FromSeconds(1), IdleTimeout = TimeSpan.FromSeconds(1) });
        var answer = await Exchange(address, half);
        answer.Should().Match(text => text.Length == 0 || text.StartsWith("HTTP/1.1 408 "));
    }

    [Fact]
    public async Task A_client_that_does_not_read_is_cut_off_and_holds_nobody_up()
    {
        // More than the sockets of both sides take in.
        _view.Figures = FakeAgentView.Busy() with { Pods = [.. Enumerable.Range(0, 25_000).Select(i => FakeAgentView.Busy().Pods[0] with { Uid = i.ToString(CultureInfo.InvariantCulture) })] };
        var pageBytes = new AgentPages(_view, TimeProvider.System, 0, TimeSpan.MaxValue).Get("/v1/snapshot").Body.Length;
        var address = await Start(OnLoopback with { SlowReaderTimeout = TimeSpan.FromSeconds(0.5) });
        using var slow = await Connect(address);
        await slow.SendAsync(Encoding.ASCII.GetBytes("GET /v1/snapshot HTTP/1.1\r\nHost: localhost\r\n\r\n"), Cancellation);
        (await _client.GetStringAsync(new Uri(address, "/healthz"), Cancellation)).Should().Be("ok\n");

        // The server lets the connection go while nothing was read of it; what comes then is what the sockets held, and it ends before the page does.
        await Until(() => !IsEstablished(address.Port, ((IPEndPoint)slow.LocalEndPoint!).Port));
        (await ReadToEnd(slow)).Should().BeLessThan(pageBytes);
    }

    [Fact]
    public async Task More_connections_than_there_may_be_are_closed_and_when_one_ends_the_next_is_served()
    {
        var address = await Start(OnLoopback with { MaxConnections = 2, IdleTimeout = TimeSpan.FromMinutes(5), HeadTimeout = TimeSpan.FromMinutes(5) });
        var first = await Held(address);
        using var second = await Held(address);
        (await Exchange(address, "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")).Should().BeEmpty();
        first.Dispose();
        await UntilAsync(async () => (await Exchange(address, "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")).StartsWith("HTTP/1.1 200 ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_error_in_a_page_is_500_and_told_and_the_next_request_is_served()
    {
        _view.Heatmaps = _ => throw new InvalidOperationException("a bug");
        var address = await Start(OnLoopback);
        using var response = await _client.GetAsync(new Uri(address, "/v1/pods/batch/worker-0/heatmap"), Cancellation);
        response.StatusCode.Should().Be(HttpStatusCode.InternalServerError);
        (await response.Content.ReadAsStringAsync(Cancellation)).Should().NotContain("bug");
        (await _client.GetStringAsync(new Uri(address, "/healthz"), Cancellation)).Should().Be("ok\n");
        _errors.Should().ContainSingle().Which.Message.Should().Be("a bug");
    }

    [Fact]
    public async Task Stopping_closes_every_connection_and_frees_the_address()
    {
        var address = await Start(OnLoopback with { StopTimeout = TimeSpan.FromMilliseconds(200) });
        using var idle = await Held(address);
        using var half = await Connect(address);
        await half.SendAsync(Encoding.ASCII.GetBytes("GET /met"), Cancellation);
        await _server!.DisposeAsync();
        await _server.DisposeAsync();
        _server.Address.Should().BeNull();
        (await ReadToEnd(idle)).Should().Be(0);
        await ReadToEnd(half);
        await using var next = Server(new AgentHttpOptions { Listen = new IPEndPoint(IPAddress.Loopback, address.Port) });
        (await next.StartAsync(Cancellation)).Should().BeEmpty();
    }

    private AgentHttpServer Server(AgentHttpOptions options) => new(options, _view, new HostRoot(_folder), TimeProvider.System, error =>
    {
        lock (_errors)
        {
            _errors.Add(error);
        }
    });

    private async Task<Uri> Start(AgentHttpOptions options)
    {
        _server = Server(options);
        (await _server.StartAsync(Cancellation)).Should().BeEmpty();
        return _server.Address!;
    }

    private static async Task<Socket> Connect(Uri address)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, address.Port, Cancellation);
        return socket;
    }

    /// <summary>A connection that the server surely counts: it has answered on it.</summary>
    private static async Task<Socket> Held(Uri address)
    {
        var socket = await Connect(address);
        await socket.SendAsync(Encoding.ASCII.GetBytes("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"), Cancellation);
        var answer = "";
        var buffer = new byte[4096];
        while (!answer.EndsWith("\r\n\r\nok\n", StringComparison.Ordinal))
        {
            var read = await socket.ReceiveAsync(buffer, Cancellation);
            read.Should().BePositive("the server answers");
            answer += Encoding.ASCII.GetString(buffer, 0, read);
        }

        return socket;
    }

    /// <summary>Sends bytes and gives what comes until the server has answered in whole, or has closed the connection.</summary>
    private static async Task<string> Exchange(Uri address, string request)
    {
        using var socket = await Connect(address);
        var answer = new StringBuilder();
        var buffer = new byte[64 * 1024];
        try
        {
            await socket.SendAsync(Encoding.Latin1.GetBytes(request), Cancellation);
            while (!IsWhole(answer.ToString()))
            {
                var read = await socket.ReceiveAsync(buffer, Cancellation);
                if (read == 0)
                {
                    break;
                }

                answer.Append(Encoding.UTF8.GetString(buffer, 0, read));
            }
        }
        catch (SocketException)
        {
            // Closed on the other side while something was under way.
        }

        return answer.ToString();
    }

    private static bool IsWhole(string answer) =>
        answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) is > 0 and var head
        && answer[..head].Split("\r\n").FirstOrDefault(line => line.StartsWith("Content-Length: ", StringComparison.OrdinalIgnoreCase)) is { } length
        && Encoding.UTF8.GetByteCount(answer.AsSpan(head + 4)) >= int.Parse(length.AsSpan(16), CultureInfo.InvariantCulture);

    private static async Task<long> ReadToEnd(Socket socket)
    {
        var buffer = new byte[1 << 20];
        var total = 0L;
        try
        {
            for (var read = 1; read > 0; total += read)
            {
                read = await socket.ReceiveAsync(buffer, Cancellation);
            }
        }
        catch (SocketException)
        {
            // A reset ends it just as well.
        }

        return total;
    }

    /// <summary>Whether the server's side of a connection still stands, as the kernel lists it.</summary>
    private static bool IsEstablished(int serverPort, int clientPort) =>
        System.Net.NetworkInformation.IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpConnections().Any(connection =>
            connection.LocalEndPoint.Port == serverPort && connection.RemoteEndPoint.Port == clientPort && connection.State == System.Net.NetworkInformation.TcpState.Established);

    private static Task Until(Func<bool> condition) => UntilAsync(() => Task.FromResult(condition()));

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        while (!await condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancellation);
        }
    }
}
