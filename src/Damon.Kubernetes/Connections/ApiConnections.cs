using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using k8s;
using k8s.Exceptions;

namespace Damon.Kubernetes.Connections;

/// <summary>
/// Makes connections. What a kubeconfig file says, and the plugins that it names, are the official client's work. Its client object is not made: it holds every operation and type of the API, which a program that is
/// compiled ahead of time would carry with it (docs/adr/0034-transport.md).
/// </summary>
public static class ApiConnections
{
    /// <summary>Where a pod finds its service account.</summary>
    public const string ServiceAccountFolder = "/var/run/secrets/kubernetes.io/serviceaccount";

    /// <summary>From within a pod. Trusts the cluster's authority as of now; the token is read again as it is replaced.</summary>
    /// <param name="host">The value of <c>KUBERNETES_SERVICE_HOST</c>.</param>
    /// <param name="port">The value of <c>KUBERNETES_SERVICE_PORT</c>.</param>
    /// <param name="options">The transport's behaviour.</param>
    /// <param name="time">The clock.</param>
    /// <param name="folder">The service account's folder.</param>
    /// <exception cref="System.Security.Cryptography.CryptographicException">The authority's certificate cannot be read.</exception>
    public static ApiConnection InCluster(string host, int port, ConnectionOptions options, TimeProvider time, string folder = ServiceAccountFolder)
    {
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(Path.Combine(folder, "ca.crt"));
        var config = new KubernetesClientConfiguration { Host = new UriBuilder(Uri.UriSchemeHttps, host, port).ToString(), SslCaCerts = authorities };
        return Connect(config, options, new TokenFile(Path.Combine(folder, "token"), time));
    }

    /// <summary>By a kubeconfig file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="context">A context of it, or null for its current one.</param>
    /// <param name="options">The transport's behaviour.</param>
    /// <exception cref="k8s.Exceptions.KubeConfigException">The file is not there, or says too little.</exception>
    public static ApiConnection FromKubeconfig(string path, string? context, ConnectionOptions options) =>
        Connect(KubernetesClientConfiguration.BuildConfigFromConfigFile(path, context), options, credentials: null);

    /// <summary>By a kubeconfig file where one is named, else from within a pod.</summary>
    /// <param name="kubeconfig">The file, or null.</param>
    /// <param name="environment">A variable's value, or null.</param>
    /// <param name="options">The transport's behaviour.</param>
    /// <param name="time">The clock.</param>
    /// <param name="problem">Why there is no connection, for people, with what would help; empty where there is one.</param>
    public static ApiConnection? TryConnect(string? kubeconfig, Func<string, string?> environment, ConnectionOptions options, TimeProvider time, out string problem)
    {
        problem = "";
        try
        {
            if (kubeconfig is not null)
                return FromKubeconfig(kubeconfig, context: null, options);
            if (environment("KUBERNETES_SERVICE_HOST") is { Length: > 0 } host
                && ushort.TryParse(environment("KUBERNETES_SERVICE_PORT"), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0)
                return InCluster(host, port, options, time);
            problem = "this is no pod (KUBERNETES_SERVICE_HOST and _PORT are not set); give --kubeconfig";
        }
        catch (Exception e)
        {
            // Whatever the client makes of a file that is missing, or that is none.
            problem = e.Message;
        }

        return null;
    }

    private static ApiConnection Connect(KubernetesClientConfiguration config, ConnectionOptions options, IRequestCredentials? credentials)
    {
        if (!Uri.TryCreate(config.Host, UriKind.Absolute, out var address) || (address.Scheme != Uri.UriSchemeHttps && address.Scheme != Uri.UriSchemeHttp))
            throw new KubeConfigException($"The server's address {config.Host} is no URL of http or https.");
        var tlsServerName = string.IsNullOrWhiteSpace(config.TlsServerName) ? null : config.TlsServerName;
        credentials ??= k8s.Kubernetes.CreateCredentials(config) is { } own ? new ClientCredentials(own) : null;
        var client = new HttpClient(ApiTransport.Create(config, options)) { Timeout = Timeout.InfiniteTimeSpan };
        client.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", options.UserAgent);
        return new ApiConnection(address, client, credentials, tlsServerName, client);
    }
}
