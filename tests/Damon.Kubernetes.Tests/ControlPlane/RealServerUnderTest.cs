using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Damon.Kubernetes.Connections;
using Damon.Kubernetes.Objects;
using Damon.Kubernetes.Requests;
using Damon.Kubernetes.Tests.Conformance;

namespace Damon.Kubernetes.Tests.ControlPlane;

/// <summary>A real server and its etcd, on loopback, with data in a temporary folder.</summary>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "Files and programs of the test's own.")]
internal abstract class RealServerUnderTest : ApiServerUnderTest, IDisposable
{
    private static readonly ResourceKind Definitions = new("apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", IsNamespaced: false);
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(90);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("damon-control-plane-");
    private readonly HttpClient _etcd = new();
    private readonly List<ServerProcess> _processes = [];
    private ApiConnection? _connection;
    private ApiClient? _client;

    /// <summary>Where the programs are, or null.</summary>
    public static string? Assets => Environment.GetEnvironmentVariable("KUBEBUILDER_ASSETS") is { Length: > 0 } folder ? folder : null;

    public override ApiClient Client => _client ?? throw new InvalidOperationException("Not started.");

    public override TimeProvider Time => TimeProvider.System;

    protected static ConnectionOptions Options { get; } = new() { UserAgent = "damon-kubernetes-tests" };

    protected string Folder => _folder.FullName;

    protected string EtcdUrl { get; private set; } = "";

    /// <summary>Why a program cannot be run, or null.</summary>
    public static string? WhyNot(string program)
    {
        if (Assets is null)
            return "KUBEBUILDER_ASSETS is not set: the control-plane tier needs kube-apiserver and etcd (setup-envtest use -p path).";
        string[] missing = [.. new[] { "etcd", program }.Where(name => !File.Exists(Path.Combine(Assets, name)))];
        return missing.Length == 0 ? null : $"KUBEBUILDER_ASSETS has no {string.Join(" and no ", missing)}.";
    }

    public async Task StartAsync()
    {
        var (clients, peers) = (FreePort(), FreePort());
        EtcdUrl = $"http://127.0.0.1:{clients}";
        Run(
            "etcd",
            "--data-dir", Path.Combine(Folder, "etcd"),
            "--unsafe-no-fsync",
            "--listen-client-urls", EtcdUrl,
            "--advertise-client-urls", EtcdUrl,
            "--listen-peer-urls", $"http://127.0.0.1:{peers}",
            "--initial-advertise-peer-urls", $"http://127.0.0.1:{peers}",
            "--initial-cluster", $"default=http://127.0.0.1:{peers}");
        await UntilUpAsync(async () => (await _etcd.GetAsync(new Uri($"{EtcdUrl}/health"), TestContext.Current.CancellationToken)).IsSuccessStatusCode);
        _connection = Launch(FreePort());
        _client = new ApiClient(_connection, new ApiClientOptions(), Time);
        await UntilUpAsync(async () => (await Client.ListAsync(new ObjectQuery(Definitions), new ListPosition(), static _ => { }, CancellationToken.None)).Succeeded);
        if (HasBuiltInKinds)
            await UntilUpAsync(async () => (await Client.GetAsync(ResourceKind.Namespaces, new ObjectKey("default"), CancellationToken.None)).Succeeded);
        foreach (var kind in (ResourceKind[])[Widgets, Gadgets])
        {
            await UntilUpAsync(async () => await Client.CreateAsync(Definitions, "", Definition(kind), CancellationToken.None)
                is { Succeeded: true } or { Failure.Kind: ApiFailureKind.AlreadyExists });
            await UntilUpAsync(async () => (await Client.ListAsync(new ObjectQuery(kind), new ListPosition(), static _ => { }, CancellationToken.None)).Succeeded);
        }
    }

    public override async Task CompactAsync()
    {
        using var range = await _etcd.PostAsJsonAsync($"{EtcdUrl}/v3/kv/range", new Dictionary<string, string> { ["key"] = "AA==" }, TestContext.Current.CancellationToken);
        using var answer = JsonDocument.Parse(await range.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        var revision = answer.RootElement.GetProperty("header").GetProperty("revision").GetString()!;
        using var compaction = await _etcd.PostAsJsonAsync($"{EtcdUrl}/v3/kv/compaction", new Dictionary<string, object> { ["revision"] = revision, ["physical"] = true }, TestContext.Current.CancellationToken);
        compaction.EnsureSuccessStatusCode();
    }

    public override async Task RemoveGadgetsAsync() =>
        (await Client.DeleteAsync(Definitions, new ObjectKey($"{Gadgets.Plural}.{Gadgets.Group}"), uid: null, CancellationToken.None)).Failure.Should().BeNull();

    public void Dispose()
    {
        _connection?.Dispose();
        _etcd.Dispose();
        for (var at = _processes.Count - 1; at >= 0; at--)
            _processes[at].Dispose();
        _folder.Delete(recursive: true);
    }

    /// <summary>Starts the server and says how to reach it.</summary>
    protected abstract ApiConnection Launch(int port);

    protected void Run(string program, params string[] arguments) => _processes.Add(new ServerProcess(Path.Combine(Assets!, program), arguments));

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static byte[] Definition(ResourceKind kind) => Encoding.UTF8.GetBytes(
        $$"""
        {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"{{kind.Plural}}.{{kind.Group}}"},
         "spec":{"group":"{{kind.Group}}","scope":"Cluster","names":{"plural":"{{kind.Plural}}","singular":"{{kind.Kind.ToLowerInvariant()}}","kind":"{{kind.Kind}}"},
           "versions":[{"name":"v1","served":true,"storage":true,"subresources":{"status":{} },
             "schema":{"openAPIV3Schema":{"type":"object","properties":{
               "spec":{"type":"object","properties":{"size":{"type":"integer"},"color":{"type":"string"} } },
               "status":{"type":"object","properties":{"state":{"type":"string"},"reason":{"type":"string"} } } } } } }]} }
        """);

    private async Task UntilUpAsync(Func<Task<bool>> isUp)
    {
        var started = Time.GetTimestamp();
        while (true)
        {
            try
            {
                if (await isUp())
                    return;
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }

            if (_processes.Find(process => process.HasExited) is { } dead)
                throw new InvalidOperationException($"A server ended: {dead.Output}");
            if (Time.GetElapsedTime(started) > StartPatience)
                throw new InvalidOperationException($"The servers were not up in {StartPatience}: {_processes[^1].Output}");
            await PassAsync(TimeSpan.FromMilliseconds(100));
        }
    }
}
