using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Damon.Testing.ControlPlane.Servers;

/// <summary>TLS that trusts one authority and nobody else.</summary>
internal static class TrustedTls
{
    public static SslClientAuthenticationOptions Options(string authorityPath)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(authorityPath);
        return new SslClientAuthenticationOptions { CertificateChainPolicy = policy };
    }
}
