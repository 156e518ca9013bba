using System.Diagnostics.CodeAnalysis;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using k8s;
using k8s.Exceptions;

namespace Damon.Kubernetes.Connections;

/// <summary>The transport to an API server, with the TLS that a kubeconfig file asks for.</summary>
internal static class ApiTransport
{
    /// <summary>Makes one; nothing is connected yet.</summary>
    /// <param name="config">Whom to trust, and what to show.</param>
    /// <param name="options">How it behaves.</param>
    /// <exception cref="KubeConfigException">The client's certificate or its key cannot be read, or only one of them is there.</exception>
    [SuppressMessage("Security", "CA5359:Do not disable certificate validation", Justification = "Where the kubeconfig file says insecure-skip-tls-verify, as kubectl does.")]
    public static SocketsHttpHandler Create(KubernetesClientConfiguration config, ConnectionOptions options)
    {
        var tls = new SslClientAuthenticationOptions { ClientCertificateContext = ClientCertificateOf(config) };
        if (config.SkipTlsVerify)
        {
            tls.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
        }
        else if (config.SslCaCerts is { Count: > 0 } authorities)
        {
            // These and nobody else: an authority that the machine trusts says nothing about a cluster.
            tls.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
            tls.CertificateChainPolicy.CustomTrustStore.AddRange(authorities);
        }

        return new SocketsHttpHandler
        {
            SslOptions = tls,
            ConnectTimeout = options.ConnectTimeout,
            EnableMultipleHttp2Connections = true,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            KeepAlivePingDelay = options.KeepAliveDelay,
            KeepAlivePingTimeout = options.KeepAliveTimeout,
        };
    }

    /// <summary>As kubectl has it, what stands in the file itself wins over what it names.</summary>
    [SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "Files that a kubeconfig names, not files of the host.")]
    private static SslStreamCertificateContext? ClientCertificateOf(KubernetesClientConfiguration config)
    {
        try
        {
            var certificate = Text(config.ClientCertificateData, config.ClientCertificateFilePath);
            var key = Text(config.ClientCertificateKeyData, config.ClientKeyFilePath);
            if (certificate is null && key is null)
                return null;
            if (certificate is null || key is null)
                throw new KubeConfigException($"The user has a client certificate or its key, and not both: {(certificate is null ? "client-certificate" : "client-key")} is missing.");

            // The first is the client's own, the others lead to an authority that the server knows.
            var chain = new X509Certificate2Collection();
            chain.ImportFromPem(certificate);
            return SslStreamCertificateContext.Create(X509Certificate2.CreateFromPem(certificate, key), [.. chain.Skip(1)], offline: true);
        }
        catch (Exception error) when (error is System.Security.Cryptography.CryptographicException or ArgumentException or FormatException or IOException or UnauthorizedAccessException)
        {
            throw new KubeConfigException($"The client's certificate or its key cannot be read: {error.Message}", error);
        }

        static string? Text(string? data, string? path) =>
            !string.IsNullOrWhiteSpace(data) ? Encoding.UTF8.GetString(Convert.FromBase64String(data))
            : !string.IsNullOrWhiteSpace(path) ? File.ReadAllText(path)
            : null;
    }
}
