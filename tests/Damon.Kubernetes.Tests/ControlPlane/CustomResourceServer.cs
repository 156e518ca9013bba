using System.Diagnostics.CodeAnalysis;
using Damon.Kubernetes.Connections;

namespace Damon.Kubernetes.Tests.ControlPlane;

/// <summary>The stand-alone server of custom resources of a current Kubernetes, without built-in kinds and without authentication.</summary>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "Files of the test's own temporary folder.")]
internal sealed class CustomResourceServer : RealServerUnderTest
{
    public const string Program = "crdserver";

    public override bool HasBuiltInKinds => false;

    public override bool ForgetsPagesOnCompaction => false;

    public override bool ChecksIdentityOfApplies => true;

    /// <summary>A kubeconfig file that leads to it, for other programs.</summary>
    public string Kubeconfig => Path.Combine(Folder, "kubeconfig");

    protected override ApiConnection Launch(int port)
    {
        Run(Program, "-etcd", EtcdUrl, "-port", $"{port}", "-cert-dir", Path.Combine(Folder, "certificates"));
        File.WriteAllText(
            Kubeconfig,
            $$"""
            apiVersion: v1
            kind: Config
            clusters:
            - name: test
              cluster: {server: "https://127.0.0.1:{{port}}", insecure-skip-tls-verify: true}
            users:
            - name: nobody
              user: {token: nobody-looks-at-it}
            contexts:
            - name: test
              context: {cluster: test, user: nobody}
            current-context: test
            """);
        return ApiConnections.FromKubeconfig(Kubeconfig, "test", Options);
    }
}
