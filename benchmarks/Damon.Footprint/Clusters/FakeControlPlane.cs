using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Damon.Kubernetes.Connections;
using Damon.Kubernetes.Requests;
using Damon.Testing.ApiServer;
using Damon.Testing.ControlPlane.Servers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Damon.Footprint.Clusters;

/// <summary>
/// The tests' API server in memory behind TLS and HTTP/2, for machines without a real one. Its answers are computed in this process, one at a time: what it costs is no part of what is measured.
/// </summary>
/// <param name="time">The clock.</param>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "Files of the benchmark's own folder.")]
internal sealed class FakeControlPlane(TimeProvider time) : IControlPlane
{
    private static readonly FakeKind[] Kinds =
    [
        FakeKind.DamonNodes,
        FakeKind.DamonClusterConfigs,
        FakeKind.Namespaces,
        FakeKind.Nodes,
        FakeKind.Pods,
        FakeKind.Events,
    ];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("damon-footprint-");

    // The server in memory is made for one thread: everything of it runs here, what it waits for too.
    private readonly TaskFactory _oneAtATime = new(new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler);
    private readonly FakeApiServer _server = new(time, Kinds);
    private X509Certificate2? _certificate;
    private WebApplication? _front;
    private ApiConnection? _connection;
    private ApiClient? _client;

    /// <inheritdoc/>
    public string Description => "the tests' fake API server with TLS";

    /// <inheritdoc/>
    public string Kubeconfig { get; private set; } = "";

    /// <inheritdoc/>
    public ApiClient Client => _client ?? throw new InvalidOperationException("Not started.");

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellation)
    {
        using (var authority = new TestAuthority(_folder.FullName))
        {
            authority.Issue("server", "CN=fake");
            authority.Issue("admin", "O=system:masters, CN=admin");
        }

        _certificate = X509Certificate2.CreateFromPemFile(Path.Combine(_folder.FullName, "server.crt"), Path.Combine(_folder.FullName, "server.key"));
        var port = LoopbackPorts.Free();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrel(options => options.Listen(IPAddress.Loopback, port, listen => listen.UseHttps(_certificate)));
        _front = builder.Build();
        _front.Run(context => _oneAtATime.StartNew(() => AnswerAsync(context), CancellationToken.None).Unwrap());
        await _front.StartAsync(cancellation);
        Kubeconfig = Path.Combine(_folder.FullName, "kubeconfig");
        await File.WriteAllTextAsync(
            Kubeconfig,
            KubeconfigText.Of($"https://127.0.0.1:{port}", $"client-certificate: \"{_folder.FullName}/admin.crt\", client-key: \"{_folder.FullName}/admin.key\"", $"certificate-authority: \"{_folder.FullName}/ca.crt\""),
            cancellation);
        _connection = ApiConnections.FromKubeconfig(Kubeconfig, context: null, new ConnectionOptions { UserAgent = "damon-footprint" });
        _client = new ApiClient(_connection, new ApiClientOptions(), time);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _connection?.Dispose();
        if (_front is not null)
        {
            await _oneAtATime.StartNew(_server.DropWatches, CancellationToken.None);
            await _front.DisposeAsync();
        }

        _certificate?.Dispose();
        _server.Dispose();
        _folder.Delete(recursive: true);
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var asked = context.Request;
        using var request = new HttpRequestMessage(new HttpMethod(asked.Method), $"https://fake{asked.Path}{asked.QueryString}");
        if (asked.ContentLength > 0)
        {
            var body = new MemoryStream();
            await asked.Body.CopyToAsync(body, context.RequestAborted);
            request.Content = new ByteArrayContent(body.ToArray());
            request.Content.Headers.TryAddWithoutValidation("Content-Type", asked.ContentType);
        }

        request.Headers.TryAddWithoutValidation("Accept", asked.Headers.Accept.ToArray());
        using var invoker = new HttpMessageInvoker(_server, disposeHandler: false);
        using var answer = await invoker.SendAsync(request, context.RequestAborted);
        context.Response.StatusCode = (int)answer.StatusCode;
        context.Response.ContentType = "application/json";
        await using var content = await answer.Content.ReadAsStreamAsync(context.RequestAborted);
        var buffer = new byte[16 * 1024];
        try
        {
            // A watch's answer is for whoever waits for it now.
            await context.Response.StartAsync(context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            for (int read; (read = await content.ReadAsync(buffer, context.RequestAborted)) > 0;)
            {
                await context.Response.Body.WriteAsync(buffer.AsMemory(0, read), context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or IOException)
        {
            context.Abort();
        }
    }
}
