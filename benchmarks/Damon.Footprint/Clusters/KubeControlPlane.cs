using System.Globalization;
using Damon.Kubernetes.Requests;
using Damon.Testing.ControlPlane.Servers;

namespace Damon.Footprint.Clusters;

/// <summary>A real kube-apiserver with its etcd, from the folder that KUBEBUILDER_ASSETS names.</summary>
internal sealed class KubeControlPlane : IControlPlane
{
    /// <summary>All stages take a quarter of an hour; should this program be killed, servers end by themselves after this.</summary>
    private readonly DamonControlPlane _plane = new(new KubeApiServerOptions { LongestLife = TimeSpan.FromHours(1) });

    /// <inheritdoc/>
    public string Description { get; private set; } = "kube-apiserver";

    /// <inheritdoc/>
    public string Kubeconfig => _plane.Server.Kubeconfig;

    /// <inheritdoc/>
    public ApiClient Client => _plane.Client;

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellation)
    {
        await _plane.StartAsync(cancellation);
        var minor = await _plane.Server.MinorVersionAsync(cancellation);
        Description = string.Create(CultureInfo.InvariantCulture, $"kube-apiserver 1.{minor} with TLS");
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _plane.Dispose();
        return ValueTask.CompletedTask;
    }
}
