using System.Net.Http.Headers;
using Damon.Kubernetes.Connections;

namespace Damon.Operator.Tests.Cluster;

/// <summary>Says who asks, so that the fake server's list of requests tells processes apart.</summary>
internal sealed class NamedCredentials(string name) : IRequestCredentials
{
    public ValueTask AuthorizeAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", name);
        return ValueTask.CompletedTask;
    }

    public void Rejected()
    {
    }
}
