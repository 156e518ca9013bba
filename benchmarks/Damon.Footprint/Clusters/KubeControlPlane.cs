using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Damon.Kubernetes.Connections;
using Damon.Kubernetes.Objects;
using Damon.Kubernetes.Requests;
using Damon.Testing;
using Damon.Testing.ControlPlane.Servers;
using YamlDotNet.Serialization;

namespace Damon.Footprint.Clusters;

/// <summary>A real kube-apiserver with its etcd, from the folder that KUBEBUILDER_ASSETS names.</summary>
/// <param name="assets">The folder.</param>
/// <param name="time">The clock.</param>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "Files and programs of the benchmark's own.")]
internal sealed class KubeControlPlane(string assets, TimeProvider time) : IControlPlane
{
    private static readonly ResourceKind Definitions = new("apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", IsNamespaced: false);
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromMilliseconds(100);

    /// <summary>All stages take a quarter of an hour; should this program be killed, servers end by themselves after this.</summary>
    private static readonly TimeSpan LongestLife = TimeSpan.FromHours(1);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("damon-footprint-");
    private readonly List<ServerProcess> _processes = [];
    private readonly HttpClient _etcd = new();
    private ApiConnection? _connection;
    private ApiClient? _client;

    /// <inheritdoc/>
    public string Description { get; private set; } = "kube-apiserver";

    /// <inheritdoc/>
    public string Kubeconfig { get; private set; } = "";

    /// <inheritdoc/>
    public ApiClient Client => _client ?? throw new InvalidOperationException("Not started.");

    /// <summary>Why there is none, or null.</summary>
    /// <param name="assets">The folder; null where none is named.</param>
    public static string? WhyNot(string? assets)
    {
        if (assets is null)
        {
            return "KUBEBUILDER_ASSETS is not set";
        }

        var missing = new[] { "etcd", "kube-apiserver" }.Where(name => !File.Exists(Path.Combine(assets, name))).ToList();
        return missing.Count == 0 ? null : $"{assets} has no {string.Join(" and no ", missing)}";
    }

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellation)
    {
        var (clients, peers, port) = (LoopbackPort.Find(), LoopbackPort.Find(), LoopbackPort.Find());
        var etcd = $"http://127.0.0.1:{clients}";
        Run(
            "etcd",
            "--data-dir", InFolder("etcd"),
            "--unsafe-no-fsync",
            "--listen-client-urls", etcd,
            "--advertise-client-urls", etcd,
            "--listen-peer-urls", $"http://127.0.0.1:{peers}",
            "--initial-advertise-peer-urls", $"http://127.0.0.1:{peers}",
            "--initial-cluster", $"default=http://127.0.0.1:{peers}");
        await UntilAsync(async () => (await _etcd.GetAsync(new Uri($"{etcd}/health"), cancellation)).IsSuccessStatusCode, cancellation);
        using (var authority = new TestAuthority(_folder.FullName))
        {
            authority.Issue("server", "CN=kube-apiserver");
            authority.Issue("admin", "O=system:masters, CN=admin");
        }

        Run(
            "kube-apiserver",
            $"--etcd-servers={etcd}",
            "--bind-address=127.0.0.1",
            $"--secure-port={port}",
            "--advertise-address=127.0.0.1",
            "--endpoint-reconciler-type=none",
            $"--tls-cert-file={InFolder("server.crt")}",
            $"--tls-private-key-file={InFolder("server.key")}",
            $"--client-ca-file={InFolder("ca.crt")}",
            "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
            $"--service-account-key-file={InFolder("sa.pub")}",
            $"--service-account-signing-key-file={InFolder("sa.key")}",
            "--service-cluster-ip-range=10.0.0.0/24",
            "--authorization-mode=RBAC",
            "--disable-admission-plugins=ServiceAccount");
        Kubeconfig = KubeconfigFile.Write(_folder.FullName, port);
        _connection = ApiConnections.FromKubeconfig(Kubeconfig, context: null, new ConnectionOptions { UserAgent = "damon-footprint" });
        _client = new ApiClient(_connection, new ApiClientOptions(), time);
        await UntilAsync(async () => (await Client.GetAsync(ResourceKind.Namespaces, new ObjectKey("default"), cancellation)).Succeeded, cancellation);
        Description = $"kube-apiserver {await VersionAsync(cancellation)} with TLS";
        foreach (var kind in (ResourceKind[])[OurKinds.Nodes, OurKinds.Configs])
        {
            var created = await Client.CreateAsync(Definitions, "", JsonOf(RepositoryFiles.Text($"deploy/crds/{kind.Plural}.yaml")), cancellation);
            if (created.Failure is { } failure)
            {
                throw new ClusterException($"the server does not take our definition of {kind.Plural}: {failure}");
            }

            await UntilAsync(async () => (await Client.ListAsync(new ObjectQuery(kind), new ListPosition(), static _ => { }, cancellation)).Succeeded, cancellation);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _connection?.Dispose();
        _etcd.Dispose();
        for (var at = _processes.Count - 1; at >= 0; at--)
        {
            _processes[at].Dispose();
        }

        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    private static byte[] JsonOf(string yaml)
    {
        var read = new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build().Deserialize<object>(yaml);
        return Encoding.UTF8.GetBytes(new SerializerBuilder().JsonCompatible().Build().Serialize(read));
    }

    private string InFolder(string name) => Path.Combine(_folder.FullName, name);

    private void Run(string program, params string[] arguments) => _processes.Add(new ServerProcess(Path.Combine(assets, program), arguments, LongestLife));

    private async Task<string> VersionAsync(CancellationToken cancellation)
    {
        using var process = Process.Start(new ProcessStartInfo(Path.Combine(assets, "kube-apiserver"), "--version") { UseShellExecute = false, RedirectStandardOutput = true })!;
        var text = await process.StandardOutput.ReadToEndAsync(cancellation);
        return text.Trim().Split(' ')[^1];
    }

    private async Task UntilAsync(Func<Task<bool>> holds, CancellationToken cancellation)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            try
            {
                if (await holds())
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }

            if (_processes.Find(process => process.HasExited) is { } dead)
            {
                throw new ClusterException($"a server has ended: {dead.Output}");
            }

            if (time.GetElapsedTime(began) > StartPatience)
            {
                throw new ClusterException($"the servers were not up within {StartPatience.TotalSeconds} s: {_processes[^1].Output}");
            }

            await Task.Delay(AskAgainAfter, time, cancellation);
        }
    }
}
