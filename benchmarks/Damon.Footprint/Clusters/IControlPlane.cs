using Damon.Kubernetes.Requests;

namespace Damon.Footprint.Clusters;

/// <summary>An API server that speaks TLS on a loopback address, for the length of one stage.</summary>
internal interface IControlPlane : IAsyncDisposable
{
    /// <summary>What it is, for people.</summary>
    string Description { get; }

    /// <summary>A kubeconfig file that leads to it.</summary>
    string Kubeconfig { get; }

    /// <summary>A client of it.</summary>
    ApiClient Client { get; }

    /// <summary>Starts it, and gives it our kinds.</summary>
    Task StartAsync(CancellationToken cancellation);
}
