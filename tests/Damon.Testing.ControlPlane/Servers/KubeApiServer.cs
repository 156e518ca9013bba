using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using Damon.Testing.ApiServer;

namespace Damon.Testing.ControlPlane.Servers;

/// <summary>kube-apiserver, of whatever version there is. The admin's kubeconfig has a client certificate, everybody else's a token.</summary>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "Files of the test's own temporary folder.")]
public sealed class KubeApiServer(KubeApiServerOptions? options = null) : ApiServer((options ?? new()).LongestLife)
{
    private readonly KubeApiServerOptions _options = options ?? new();
    private TestAuthority? _authority;
    private int _kubeconfigs;

    public override bool HasBuiltInKinds => true;

    /// <summary>Signs for the server, and for whoever stands before it.</summary>
    public TestAuthority Authority => _authority ?? throw new InvalidOperationException("The server is not started.");

    public string AuditLogPath => InFolder("audit.log");

    protected override string Program => ControlPlaneAssets.KubeApiServer;

    // The server behind it authenticates nobody, and a current one ends the HTTP/2 connection of whoever it has not authenticated with every answer (GOAWAY, the feature UnauthenticatedHTTP2DOSMitigation). Requests that are
    // under way on that connection come back as 503, and each one after them begins with a handshake. HTTP/1.1 is left alone.
    protected override IReadOnlyDictionary<string, string>? Environment => _options.Aggregates ? new Dictionary<string, string> { ["DISABLE_HTTP2"] = "true" } : null;

    /// <summary>A kubeconfig for a user of the options, or the admin, with a token.</summary>
    /// <param name="user">Who.</param>
    /// <param name="url">Where the server is reached, or null for directly.</param>
    /// <returns>The file's path.</returns>
    public string KubeconfigOf(TestUser user, Uri? url = null)
    {
        var path = InFolder($"kubeconfig-{Interlocked.Increment(ref _kubeconfigs)}");
        WriteKubeconfig(path, url ?? Url, $"token: {user.Token}");
        return path;
    }

    /// <summary>The second part of its version: 20 for Kubernetes 1.20.</summary>
    public async Task<int> MinorVersionAsync(CancellationToken cancellation)
    {
        using var handler = new SocketsHttpHandler { SslOptions = TrustedTls.Options(Authority.CertificatePath) };
        using var client = new HttpClient(handler);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Url, "/version"));
        request.Headers.Authorization = new("Bearer", TestUser.Admin.Token);
        using var answer = await client.SendAsync(request, cancellation);
        using var version = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(cancellation));
        return int.Parse(version.RootElement.GetProperty("minor").GetString()!.TrimEnd('+'), CultureInfo.InvariantCulture);
    }

    protected override void Prepare()
    {
        _authority = new TestAuthority(Folder);
        _authority.Issue("server", "CN=kube-apiserver");
        _authority.Issue("admin", "O=system:masters, CN=admin");
        _authority.Issue("aggregator", "CN=front-proxy-client");
        File.WriteAllLines(InFolder("tokens.csv"), _options.Users.Prepend(TestUser.Admin).Select(user => $"{user.Token},{user.Name},uid-of-{user.Name},\"{string.Join(',', user.Groups)}\""));
        if (_options.AuditPolicy is { } policy)
            File.WriteAllText(InFolder("audit-policy.yaml"), policy);
        WriteKubeconfig(Kubeconfig, Url, $"client-certificate: \"{InFolder("admin.crt")}\", client-key: \"{InFolder("admin.key")}\"");
    }

    protected override IReadOnlyList<string> Arguments() =>
    [
        $"--etcd-servers={Etcd.Url}",
        "--bind-address=127.0.0.1",
        $"--secure-port={Port}",
        "--advertise-address=127.0.0.1",
        "--endpoint-reconciler-type=none",
        $"--tls-cert-file={InFolder("server.crt")}",
        $"--tls-private-key-file={InFolder("server.key")}",
        $"--client-ca-file={Authority.CertificatePath}",
        $"--token-auth-file={InFolder("tokens.csv")}",
        "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
        $"--service-account-key-file={InFolder("sa.pub")}",
        $"--service-account-signing-key-file={InFolder("sa.key")}",
        "--service-cluster-ip-range=10.0.0.0/24",
        "--authorization-mode=RBAC",
        // No controller makes the accounts and tokens that it would ask for.
        "--disable-admission-plugins=ServiceAccount",
        .. _options.AuditPolicy is null ? Array.Empty<string>() : [$"--audit-policy-file={InFolder("audit-policy.yaml")}", $"--audit-log-path={AuditLogPath}"],
        .. !_options.Aggregates
            ? Array.Empty<string>()
            : [
                $"--requestheader-client-ca-file={Authority.CertificatePath}",
                "--requestheader-allowed-names=front-proxy-client",
                "--requestheader-username-headers=X-Remote-User",
                "--requestheader-group-headers=X-Remote-Group",
                "--requestheader-extra-headers-prefix=X-Remote-Extra-",
                $"--proxy-client-cert-file={InFolder("aggregator.crt")}",
                $"--proxy-client-key-file={InFolder("aggregator.key")}",
            ],
        .. _options.Flags,
    ];

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
            _authority?.Dispose();
    }

    private void WriteKubeconfig(string path, Uri url, string user) =>
        File.WriteAllText(path, KubeconfigText.Of(url.AbsoluteUri.TrimEnd('/'), user, $"certificate-authority: \"{Authority.CertificatePath}\""));
}
