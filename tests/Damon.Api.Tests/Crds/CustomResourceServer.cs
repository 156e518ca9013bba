#pragma warning disable RS0030 // Starts a server of its own and ends it; files of a temporary folder.
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Damon.Api.Tests.Crds;

/// <summary>
/// An API server that knows custom resources, with its etcd, on loopback: from the folder that KUBEBUILDER_ASSETS names (the convention of controller-runtime's envtest). It holds
/// <c>etcd</c> and <c>kube-apiserver</c> 1.30 or later, or <c>crdserver</c>, which serves custom resources and nothing else.
/// </summary>
public sealed class CustomResourceServer : IAsyncLifetime
{
    private const string Token = "test";
    private const int MinMinorVersion = 30;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly List<Process> _processes = [];
    private readonly HttpClient _client;
    private string _folder = "";
    private string _address = "";

    public CustomResourceServer()
    {
#pragma warning disable CA2000, CA5399, MA0039 // The client owns its handler, and the server's certificate is made by itself for loopback.
        _client = new HttpClient(new HttpClientHandler { ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator });
#pragma warning restore CA2000, CA5399, MA0039
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
    }

    /// <summary>Why there is no server; empty where there is one.</summary>
    public string WhyNot { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        var assets = Environment.GetEnvironmentVariable("KUBEBUILDER_ASSETS");
        if (string.IsNullOrEmpty(assets))
        {
            WhyNot = "KUBEBUILDER_ASSETS names no folder with an API server (setup-envtest use -p path)";
            return;
        }

        var standalone = Path.Combine(assets, "crdserver");
        var full = Path.Combine(assets, "kube-apiserver");
        if (!File.Exists(Path.Combine(assets, "etcd")) || !(File.Exists(standalone) || File.Exists(full)))
        {
            WhyNot = $"{assets} holds no etcd, or no API server";
            return;
        }

        _folder = Directory.CreateTempSubdirectory("damon-crd-").FullName;
        var (etcd, peer, port) = (FreePort(), FreePort(), FreePort());
        Start("etcd", Path.Combine(assets, "etcd"), [
            "--data-dir", $"{_folder}/etcd", "--unsafe-no-fsync", "--listen-client-urls", $"http://127.0.0.1:{etcd}", "--advertise-client-urls", $"http://127.0.0.1:{etcd}",
            "--listen-peer-urls", $"http://127.0.0.1:{peer}", "--initial-advertise-peer-urls", $"http://127.0.0.1:{peer}", "--initial-cluster", $"default=http://127.0.0.1:{peer}"]);
        await Until($"http://127.0.0.1:{etcd}/health", "etcd");
        if (File.Exists(standalone))
        {
            Start("server", standalone, ["--etcd", $"http://127.0.0.1:{etcd}", "--port", $"{port}", "--cert-dir", $"{_folder}/certs"]);
        }
        else
        {
            using var key = RSA.Create(2048);
            await File.WriteAllTextAsync($"{_folder}/sa.key", key.ExportRSAPrivateKeyPem(), TestContext.Current.CancellationToken);
            await File.WriteAllTextAsync($"{_folder}/tokens.csv", $"{Token},admin,admin,system:masters\n", TestContext.Current.CancellationToken);
            Start("server", full, [
                $"--etcd-servers=http://127.0.0.1:{etcd}", "--bind-address=127.0.0.1", $"--secure-port={port}", "--advertise-address=127.0.0.1", "--endpoint-reconciler-type=none",
                $"--cert-dir={_folder}/certs", $"--token-auth-file={_folder}/tokens.csv", "--authorization-mode=RBAC", "--service-cluster-ip-range=10.0.0.0/24",
                "--disable-admission-plugins=ServiceAccount", "--service-account-issuer=https://kubernetes.default.svc", $"--service-account-key-file={_folder}/sa.key",
                $"--service-account-signing-key-file={_folder}/sa.key"]);
        }

        _address = $"https://127.0.0.1:{port}";
        await Until($"{_address}/readyz", "server");
        if (!File.Exists(standalone) && await MinorVersion() is var minor && minor < MinMinorVersion)
            WhyNot = $"the API server in {assets} is Kubernetes 1.{minor}; rules in definitions need 1.{MinMinorVersion}";
    }

    /// <summary>Gives the server an object, in the way of kubectl apply --server-side.</summary>
    /// <returns>Whether it was taken, and the answer.</returns>
    public async Task<(bool IsOk, string Answer)> Apply(string path, string yaml, bool isDryRun = false)
    {
        using var content = new StringContent(yaml, Encoding.UTF8);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/apply-patch+yaml");
        using var request = new HttpRequestMessage(HttpMethod.Patch, $"{_address}{path}?fieldManager=test&force=true{(isDryRun ? "&dryRun=All" : "")}") { Content = content };
        using var response = await _client.SendAsync(request, TestContext.Current.CancellationToken);
        return (response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>Whether something is there.</summary>
    public async Task<bool> Exists(string path)
    {
        using var response = await _client.GetAsync(new Uri(_address + path), TestContext.Current.CancellationToken);
        return response.StatusCode == HttpStatusCode.OK;
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        foreach (var process in Enumerable.Reverse(_processes))
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
            process.Dispose();
        }

        if (_folder.Length > 0)
            Directory.Delete(_folder, recursive: true);
    }

    private async Task<int> MinorVersion()
    {
        using var version = JsonDocument.Parse(await _client.GetStringAsync(new Uri($"{_address}/version"), TestContext.Current.CancellationToken));
        return int.Parse(version.RootElement.GetProperty("minor").GetString()!.TrimEnd('+'), CultureInfo.InvariantCulture);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private void Start(string name, string program, string[] arguments)
    {
        // Through a shell that becomes the program: its output goes to a file and no pipe has to be emptied.
        var process = new Process { StartInfo = new ProcessStartInfo("/bin/sh") { UseShellExecute = false, WorkingDirectory = _folder } };
        foreach (var argument in (string[])["-c", $"exec \"$0\" \"$@\" >'{_folder}/{name}.log' 2>&1 </dev/null", program, .. arguments])
            process.StartInfo.ArgumentList.Add(argument);
        process.Start();
        _processes.Add(process);
    }

    private async Task Until(string url, string name)
    {
        var time = TimeProvider.System;
        for (var start = time.GetTimestamp(); time.GetElapsedTime(start) < Patience;)
        {
            try
            {
                using var response = await _client.GetAsync(new Uri(url), TestContext.Current.CancellationToken);
                if (response.IsSuccessStatusCode)
                    return;
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }

            if (_processes[^1].HasExited)
                break;
            await Task.Delay(TimeSpan.FromMilliseconds(100), time, CancellationToken.None);
        }

        throw new InvalidOperationException($"{name} did not start: {await File.ReadAllTextAsync($"{_folder}/{name}.log", TestContext.Current.CancellationToken)}");
    }
}
