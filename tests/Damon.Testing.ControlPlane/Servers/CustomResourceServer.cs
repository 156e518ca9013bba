using System.Diagnostics.CodeAnalysis;
using Damon.Testing.ApiServer;

namespace Damon.Testing.ControlPlane.Servers;

/// <summary>The stand-alone server of custom resources of a current Kubernetes, without built-in kinds and without authentication.</summary>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "Files of the test's own temporary folder.")]
public sealed class CustomResourceServer(TimeSpan? longestLife = null) : ApiServer(longestLife)
{
    public override bool HasBuiltInKinds => false;

    protected override string Program => ControlPlaneAssets.CustomResourceServer;

    protected override void Prepare() =>
        File.WriteAllText(Kubeconfig, KubeconfigText.Of($"https://127.0.0.1:{Port}", "token: nobody-looks-at-it", "insecure-skip-tls-verify: true"));

    protected override IReadOnlyList<string> Arguments() => ["-etcd", Etcd.Url, "-port", $"{Port}", "-cert-dir", InFolder("certificates")];
}
