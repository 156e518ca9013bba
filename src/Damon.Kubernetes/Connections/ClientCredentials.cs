using k8s.Authentication;

namespace Damon.Kubernetes.Connections;

/// <summary>Whatever a kubeconfig names: tokens, passwords, plugins, as the official client has them.</summary>
internal sealed class ClientCredentials(ServiceClientCredentials credentials) : IRequestCredentials
{
    public async ValueTask AuthorizeAsync(HttpRequestMessage request, CancellationToken cancellation) => await credentials.ProcessHttpRequestAsync(request, cancellation);

    /// <summary>The client's providers watch over their own expiry.</summary>
    public void Rejected()
    {
    }
}
