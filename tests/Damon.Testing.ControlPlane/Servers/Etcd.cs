using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;

namespace Damon.Testing.ControlPlane.Servers;

/// <summary>An etcd on loopback. It can be killed and started again on the same data: what was written outlives the process, though not the machine.</summary>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "A program of the test's own.")]
public sealed class Etcd : IDisposable
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);

    private readonly HttpClient _client = new();
    private readonly string _folder;
    private readonly TimeSpan _longestLife;
    private readonly string _peerUrl = $"http://127.0.0.1:{LoopbackPorts.Free()}";
    private ServerProcess? _process;

    /// <summary>Names one; nothing is started.</summary>
    /// <param name="folder">Where its data are.</param>
    /// <param name="longestLife">Then it is killed.</param>
    public Etcd(string folder, TimeSpan longestLife)
    {
        _folder = folder;
        _longestLife = longestLife;
    }

    public string Url { get; } = $"http://127.0.0.1:{LoopbackPorts.Free()}";

    public ServerProcess Process => _process ?? throw new InvalidOperationException("etcd is not started.");

    public bool IsRunning => _process is { HasExited: false };

    public async Task StartAsync(CancellationToken cancellation)
    {
        _process?.Dispose();
        _process = new ServerProcess(
            ControlPlaneAssets.PathOf(ControlPlaneAssets.Etcd),
            [
                "--data-dir", _folder,
                "--unsafe-no-fsync",
                "--quota-backend-bytes", "4294967296",
                "--listen-client-urls", Url,
                "--advertise-client-urls", Url,
                "--listen-peer-urls", _peerUrl,
                "--initial-advertise-peer-urls", _peerUrl,
                "--initial-cluster", $"default={_peerUrl}",
            ],
            _longestLife);
        await Eventually.HoldsAsync(IsHealthyAsync, "etcd's health", StartPatience, cancellation, () => Process.Output);
    }

    /// <summary>SIGKILL.</summary>
    public void Kill() => Process.Kill();

    /// <summary>Forgets all versions but the newest.</summary>
    public async Task CompactAsync(CancellationToken cancellation)
    {
        var revision = await RevisionAsync(cancellation);
        using var compaction = await _client.PostAsJsonAsync(
            $"{Url}/v3/kv/compaction", new Dictionary<string, object> { ["revision"] = revision.ToString(CultureInfo.InvariantCulture), ["physical"] = true }, cancellation);
        if (!compaction.IsSuccessStatusCode && await compaction.Content.ReadAsStringAsync(cancellation) is var answer && !answer.Contains("has been compacted", StringComparison.Ordinal))
            throw new InvalidOperationException($"etcd does not compact: {answer}");
    }

    /// <summary>How many changes there have been, of all objects.</summary>
    public async Task<long> RevisionAsync(CancellationToken cancellation)
    {
        using var range = await _client.PostAsJsonAsync($"{Url}/v3/kv/range", new Dictionary<string, string> { ["key"] = "AA==" }, cancellation);
        using var answer = JsonDocument.Parse(await range.Content.ReadAsStringAsync(cancellation));
        return long.Parse(answer.RootElement.GetProperty("header").GetProperty("revision").GetString()!, CultureInfo.InvariantCulture);
    }

    /// <summary>Bytes that the API server has sent to it.</summary>
    public async Task<long> ReceivedBytesAsync(CancellationToken cancellation)
    {
        var metrics = await _client.GetStringAsync(new Uri($"{Url}/metrics"), cancellation);
        return (long)PrometheusText.Sum(metrics, "etcd_network_client_grpc_received_bytes_total");
    }

    public void Dispose()
    {
        _process?.Dispose();
        _client.Dispose();
    }

    private async Task<bool> IsHealthyAsync()
    {
        if (Process.HasExited)
            throw new InvalidOperationException($"etcd ended: {Process.Output}");
        try
        {
            using var answer = await _client.GetAsync(new Uri($"{Url}/health"), CancellationToken.None);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            // Not listening yet.
            return false;
        }
    }
}
