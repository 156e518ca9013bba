using System.Diagnostics.CodeAnalysis;
using Damon.Kubernetes.Connections;

namespace Damon.Kubernetes.Tests.ControlPlane;

/// <summary>kube-apiserver, reached through a kubeconfig with a client certificate.</summary>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "Files of the test's own temporary folder.")]
internal sealed class KubeApiServer : RealServerUnderTest
{
    public const string Program = "kube-apiserver";

    /// <summary>Of an admin who comes with a token.</summary>
    public const string AdminToken = "test-token-of-the-admin";

    public override bool HasBuiltInKinds => true;

    /// <summary>From 1.34 on pages may come from memory.</summary>
    public override bool ForgetsPagesOnCompaction => false;

    public override bool ChecksIdentityOfApplies => false;

    public int Port { get; private set; }

    public string CertificatePath => Path.Combine(Folder, "ca.crt");

    public string KubeconfigPath => Path.Combine(Folder, "kubeconfig");

    protected override ApiConnection Launch(int port)
    {
        Port = port;
        using var authority = new TestAuthority(Folder);
        authority.Issue("server", "CN=kube-apiserver", serial: 2);
        authority.Issue("admin", "O=system:masters, CN=admin", serial: 3);
        string InFolder(string name) => Path.Combine(Folder, name);
        File.WriteAllText(InFolder("tokens.csv"), $"{AdminToken},admin,1,system:masters\n");
        File.WriteAllText(
            KubeconfigPath,
            $$"""
            apiVersion: v1
            kind: Config
            clusters:
            - name: test
              cluster: {server: "https://127.0.0.1:{{port}}", certificate-authority: "{{authority.CertificatePath}}"}
            users:
            - name: admin
              user: {client-certificate: "{{InFolder("admin.crt")}}", client-key: "{{InFolder("admin.key")}}"}
            contexts:
            - name: test
              context: {cluster: test, user: admin}
            current-context: test
            """);
        Run(
            Program,
            $"--etcd-servers={EtcdUrl}",
            "--bind-address=127.0.0.1",
            $"--secure-port={port}",
            "--advertise-address=127.0.0.1",
            "--endpoint-reconciler-type=none",
            $"--tls-cert-file={InFolder("server.crt")}",
            $"--tls-private-key-file={InFolder("server.key")}",
            $"--client-ca-file={authority.CertificatePath}",
            $"--token-auth-file={InFolder("tokens.csv")}",
            "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
            $"--service-account-key-file={InFolder("sa.pub")}",
            $"--service-account-signing-key-file={InFolder("sa.key")}",
            "--service-cluster-ip-range=10.0.0.0/24",
            "--authorization-mode=RBAC",
            "--disable-admission-plugins=ServiceAccount");
        return ApiConnections.FromKubeconfig(KubeconfigPath, context: null, Options);
    }
}
