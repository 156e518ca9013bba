namespace Damon.Kubernetes.Connections;

/// <summary>Says with each request who asks.</summary>
public interface IRequestCredentials
{
    /// <summary>Puts the credentials of this moment on a request.</summary>
    ValueTask AuthorizeAsync(HttpRequestMessage request, CancellationToken cancellation);

    /// <summary>The server did not accept them: whatever is kept of them is read anew for the next request.</summary>
    void Rejected();
}
