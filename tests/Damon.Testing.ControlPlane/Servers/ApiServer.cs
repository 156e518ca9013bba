using System.Diagnostics.CodeAnalysis;
using Damon.Kubernetes.Connections;
using Damon.Kubernetes.Objects;
using Damon.Kubernetes.Requests;

namespace Damon.Testing.ControlPlane.Servers;

/// <summary>A real API server and its etcd, on loopback, with data in a temporary folder. Both can be killed and started again on the same data and ports.</summary>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "Files and programs of the test's own.")]
public abstract class ApiServer : IDisposable
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(120);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("damon-control-plane-");
    private readonly TimeSpan _longestLife;
    private ServerProcess? _process;
    private ApiConnection? _connection;
    private ApiClient? _client;

    /// <summary>Names one; nothing is started.</summary>
    /// <param name="longestLife">After so long its programs are killed, should nobody have ended them.</param>
    protected ApiServer(TimeSpan? longestLife = null)
    {
        _longestLife = longestLife ?? TimeSpan.FromMinutes(10);
        Etcd = new Etcd(Path.Combine(Folder, "etcd"), _longestLife);
    }

    public Etcd Etcd { get; }

    /// <summary>Of loopback; the same over restarts.</summary>
    public int Port { get; } = LoopbackPorts.Free();

    public Uri Url => new($"https://127.0.0.1:{Port}");

    public ServerProcess Process => _process ?? throw new InvalidOperationException("The server is not started.");

    /// <summary>An admin's.</summary>
    public ApiClient Client => _client ?? throw new InvalidOperationException("The server is not started.");

    /// <summary>A kubeconfig of the admin.</summary>
    public string Kubeconfig => Path.Combine(Folder, "kubeconfig");

    /// <summary>For whatever else belongs to this server.</summary>
    public string Folder => _folder.FullName;

    public abstract bool HasBuiltInKinds { get; }

    protected abstract string Program { get; }

    /// <summary>Variables of the server's process beside ours.</summary>
    protected virtual IReadOnlyDictionary<string, string>? Environment => null;

    /// <summary>Starts etcd if it does not run, and the server, and waits until it answers.</summary>
    public async Task StartAsync(CancellationToken cancellation)
    {
        if (_client is null)
            Prepare();
        if (!Etcd.IsRunning)
            await Etcd.StartAsync(cancellation);
        _process?.Dispose();
        _process = new ServerProcess(ControlPlaneAssets.PathOf(Program), Arguments(), _longestLife, Environment);
        _connection ??= ApiConnections.FromKubeconfig(Kubeconfig, context: null, new ConnectionOptions { UserAgent = "damon-tests" });
        _client ??= new ApiClient(_connection, new ApiClientOptions(), TimeProvider.System);
        await Eventually.HoldsAsync(IsUpAsync, $"{Program}'s answers", StartPatience, cancellation, () => Process.Output);
    }

    /// <summary>SIGKILL to the server; its etcd goes on.</summary>
    public void Kill() => Process.Kill();

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        _connection?.Dispose();
        _process?.Dispose();
        Etcd.Dispose();
        _folder.Delete(recursive: true);
    }

    /// <summary>Writes the files that the server is started with, the admin's kubeconfig among them.</summary>
    protected abstract void Prepare();

    protected abstract IReadOnlyList<string> Arguments();

    protected string InFolder(string name) => Path.Combine(Folder, name);

    private async Task<bool> IsUpAsync()
    {
        if (Process.HasExited)
            throw new InvalidOperationException($"{Program} ended: {Process.Output}");
        return (await Client.ListAsync(new ObjectQuery(DamonKinds.Definitions), new ListPosition(), static _ => { }, CancellationToken.None)).Succeeded
            && (!HasBuiltInKinds || (await Client.GetAsync(ResourceKind.Namespaces, new ObjectKey("default"), CancellationToken.None)).Succeeded);
    }
}
