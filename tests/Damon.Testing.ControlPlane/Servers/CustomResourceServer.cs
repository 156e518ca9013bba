using System.Diagnostics.CodeAnalysis;

namespace Damon.Testing.ControlPlane.Servers;

/// <summary>The stand-alone server of custom resources of a current Kubernetes, without built-in kinds and without authentication.</summary>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "Files of the test's own temporary folder.")]
public sealed class CustomResourceServer(TimeSpan? longestLife = null) : ApiServer(longestLife)
{
    public override bool HasBuiltInKinds => false;

    protected override string Program => ControlPlaneAssets.CustomResourceServer;

    protected override void Prepare() => File.WriteAllText(
        Kubeconfig,
        $$"""
        apiVersion: v1
        kind: Config
        clusters:
        - name: test
          cluster: {server: "https://127.0.0.1:{{Port}}", insecure-skip-tls-verify: true}
        users:
        - name: nobody
          user: {token: nobody-looks-at-it}
        contexts:
        - name: test
          context: {cluster: test, user: nobody}
        current-context: test

        """);

    protected override IReadOnlyList<string> Arguments() => ["-etcd", Etcd.Url, "-port", $"{Port}", "-cert-dir", InFolder("certificates")];
}
