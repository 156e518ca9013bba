using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Damon.Kubernetes.Connections;
using Damon.Kubernetes.Requests;
using Damon.Testing.ApiServer;
using Damon.Testing.ControlPlane.Servers;
using k8s.Exceptions;

namespace Damon.Kubernetes.Tests.Connections;

/// <summary>Who is trusted and what is shown, as a kubeconfig file says, by a server of TLS that tells what it was shown.</summary>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "Files and a server of the test's own.")]
[SuppressMessage("Security", "CA5359:Do not disable certificate validation", Justification = "The test's server tells what it was shown, whatever it is.")]
public sealed class ApiConnectionsTests : IDisposable
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("damon-connections-");
    private readonly TestAuthority _authority;
    private readonly X509Certificate2 _server;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Task _serving;

    public ApiConnectionsTests()
    {
        _authority = new TestAuthority(_folder.FullName);
        _authority.Issue("client", "O=system:nodes, CN=client");
        _server = _authority.IssueServer();
        _listener.Start();
        _serving = ServeAsync();
    }

    private int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Dispose()
    {
        _listener.Stop();
        _serving.Wait(TimeSpan.FromSeconds(30), Cancel);
        _listener.Dispose();
        _server.Dispose();
        _authority.Dispose();
        _folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData("token: secret", "Bearer secret", "nobody")]
    [InlineData("username: ann, password: pass", "Basic YW5uOnBhc3M=", "nobody")]
    [InlineData("client-certificate: client.crt, client-key: client.key", "", "client")]
    [InlineData("client-certificate-data: CRT, client-key-data: KEY", "", "client")]
    [InlineData("client-certificate: missing.crt, client-key: missing.key, client-certificate-data: CRT, client-key-data: KEY", "", "client")]
    public async Task What_a_user_has_is_shown(string user, string authorization, string certificate) =>
        (await AskAsync(user: user)).Should().Be($"{authorization}|{certificate}|loopback");

    [Fact]
    public async Task Intermediate_certificates_behind_the_client_s_own_do_no_harm()
    {
        File.AppendAllText(Path.Combine(_folder.FullName, "client.crt"), "\n" + File.ReadAllText(_authority.CertificatePath));
        (await AskAsync(user: "client-certificate: client.crt, client-key: client.key")).Should().Be("|client|loopback");
    }

    [Fact]
    public async Task The_name_that_the_server_s_certificate_has_may_be_given() =>
        (await AskAsync(cluster: "certificate-authority: ca.crt, tls-server-name: localhost")).Should().Be("Bearer t|nobody|localhost");

    [Fact]
    public async Task Who_is_told_not_to_look_trusts_anybody() => (await AskAsync(cluster: "insecure-skip-tls-verify: true")).Should().Be("Bearer t|nobody|loopback");

    [Theory]
    [InlineData("", "the machine's own authorities do not know the server")]
    [InlineData("certificate-authority: other/ca.crt", "another authority is trusted")]
    [InlineData("certificate-authority: ca.crt, tls-server-name: elsewhere.example", "the certificate has another name")]
    public async Task A_server_that_is_not_trusted_is_told_nothing(string cluster, string because)
    {
        using var other = new TestAuthority(_folder.CreateSubdirectory("other").FullName);
        using var connection = Connect(cluster, "token: secret");
        var answer = await new ApiClient(connection, new ApiClientOptions(), TimeProvider.System).GetAsync(new("", "v1", "nodes", "Node", IsNamespaced: false), new("n1"), Cancel);
        (answer.Failure?.Kind, answer.Failure?.Message).Should().Match<(ApiFailureKind? Kind, string? Message)>(failure => failure.Kind == ApiFailureKind.Unreachable && failure.Message!.Contains("certificate"), because);
    }

    [Theory]
    [InlineData("https://127.0.0.1:1", "client-certificate: missing.crt, client-key: client.key", "*cannot be read*missing.crt*")]
    [InlineData("https://127.0.0.1:1", "client-certificate: client.key, client-key: client.key", "*cannot be read*")]
    [InlineData("https://127.0.0.1:1", "client-certificate: client.crt, client-key: ca.crt", "*cannot be read*")]
    [InlineData("https://127.0.0.1:1", "client-certificate-data: '***', client-key-data: '***'", "*cannot be read*")]
    [InlineData("https://127.0.0.1:1", "client-certificate-data: CRT", "*credentials*")]
    [InlineData("https://127.0.0.1:1", "client-key: client.key", "*credentials*")]
    [InlineData("ftp://127.0.0.1:1", "token: t", "*no URL of http or https*")]
    [InlineData("api.example", "token: t", "*api.example*")]
    public void What_is_wrong_with_a_file_is_said(string server, string user, string message)
    {
        var path = Write("certificate-authority: ca.crt", user, server);
        ApiConnections.TryConnect(path, static _ => null, new ConnectionOptions { UserAgent = "test" }, TimeProvider.System, out var problem).Should().BeNull();
        problem.Should().Match(message);
    }

    [Fact]
    public void A_file_that_is_not_there_is_named()
    {
        var open = () => ApiConnections.FromKubeconfig(Path.Combine(_folder.FullName, "none"), context: null, new ConnectionOptions { UserAgent = "test" });
        open.Should().Throw<KubeConfigException>();
    }

    private async Task<string> AskAsync(string cluster = "certificate-authority: ca.crt", string user = "token: t")
    {
        using var connection = Connect(cluster, user);
        var answer = await new ApiClient(connection, new ApiClientOptions(), TimeProvider.System).GetAsync(new("", "v1", "nodes", "Node", IsNamespaced: false), new("n1"), Cancel);
        return answer.Succeeded ? Encoding.UTF8.GetString(answer.Value.Span) : answer.Failure.ToString()!;
    }

    private ApiConnection Connect(string cluster, string user) =>
        ApiConnections.FromKubeconfig(Write(cluster, user, $"https://127.0.0.1:{Port}"), context: null, new ConnectionOptions { UserAgent = "test" });

    private string Write(string cluster, string user, string server)
    {
        var path = Path.Combine(_folder.FullName, "kubeconfig");
        string Data(string name) => Convert.ToBase64String(File.ReadAllBytes(Path.Combine(_folder.FullName, name)));
        user = user.Replace("CRT", Data("client.crt"), StringComparison.Ordinal).Replace("KEY", Data("client.key"), StringComparison.Ordinal);
        File.WriteAllText(path, KubeconfigText.Of(server, user, cluster));
        return path;
    }

    /// <summary>Answers each request with what it was shown: the authorization, the client's name, and the name that the client asked for.</summary>
    private async Task ServeAsync()
    {
        while (true)
        {
            TcpClient client;
            try
            {
                client = await _listener.AcceptTcpClientAsync(CancellationToken.None);
            }
            catch (Exception error) when (error is SocketException or InvalidOperationException)
            {
                return;
            }

            using (client)
            {
                try
                {
                    await AnswerAsync(client.GetStream());
                }
                catch (Exception error) when (error is IOException or System.Security.Authentication.AuthenticationException)
                {
                    // A client that does not trust us has gone.
                }
            }
        }
    }

    private async Task AnswerAsync(Stream stream)
    {
        await using var tls = new SslStream(stream);
        await tls.AuthenticateAsServerAsync(
            new SslServerAuthenticationOptions
            {
                ServerCertificate = _server,
                ClientCertificateRequired = true,
                RemoteCertificateValidationCallback = static (_, _, _, _) => true,
            },
            Cancel);
        using var reader = new StreamReader(tls);
        var authorization = "";
        while (await reader.ReadLineAsync(Cancel) is { Length: > 0 } line)
        {
            if (line.StartsWith("Authorization:", StringComparison.OrdinalIgnoreCase))
                authorization = line[14..].Trim();
        }

        var client = tls.RemoteCertificate is X509Certificate2 shown ? shown.GetNameInfo(X509NameType.SimpleName, forIssuer: false) : "nobody";
        var body = $"{authorization}|{client}|{(tls.TargetHostName.Length > 0 && !IPAddress.TryParse(tls.TargetHostName, out _) ? tls.TargetHostName : "loopback")}";
        await tls.WriteAsync(Encoding.UTF8.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}"), Cancel);
    }
}
