using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Damon.Testing.ControlPlane.Servers;

/// <summary>A certificate authority for one run, with its files in a folder.</summary>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "Files of the test's own temporary folder, and certificates that real servers hold against the real clock.")]
public sealed class TestAuthority : IDisposable
{
    private readonly string _folder;
    private readonly RSA _key = RSA.Create(2048);
    private readonly X509Certificate2 _certificate;
    private int _serial = 1;

    public TestAuthority(string folder)
    {
        _folder = folder;
        var request = new CertificateRequest("CN=damon-test-ca", _key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        _certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(CertificatePath, _certificate.ExportCertificatePem());
        using var accounts = RSA.Create(2048);
        File.WriteAllText(Path.Combine(folder, "sa.key"), accounts.ExportRSAPrivateKeyPem());
        File.WriteAllText(Path.Combine(folder, "sa.pub"), accounts.ExportSubjectPublicKeyInfoPem());
    }

    public string CertificatePath => Path.Combine(_folder, "ca.crt");

    /// <summary>Writes <c>name.crt</c> and <c>name.key</c>, good for loopback.</summary>
    public void Issue(string name, string subject)
    {
        using var key = RSA.Create(2048);
        using var issued = Issue(key, subject);
        File.WriteAllText(Path.Combine(_folder, $"{name}.crt"), issued.ExportCertificatePem());
        File.WriteAllText(Path.Combine(_folder, $"{name}.key"), key.ExportRSAPrivateKeyPem());
    }

    /// <summary>A server's certificate with its key, good for loopback.</summary>
    public X509Certificate2 IssueServer()
    {
        using var key = RSA.Create(2048);
        using var issued = Issue(key, "CN=localhost");
        return issued.CopyWithPrivateKey(key);
    }

    public void Dispose()
    {
        _certificate.Dispose();
        _key.Dispose();
    }

    private X509Certificate2 Issue(RSA key, string subject)
    {
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], critical: false));
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        return request.Create(_certificate, new DateTimeOffset(_certificate.NotBefore), new DateTimeOffset(_certificate.NotAfter), [(byte)(_serial >> 8), (byte)Interlocked.Increment(ref _serial)]);
    }
}
