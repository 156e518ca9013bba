using System.Diagnostics.CodeAnalysis;

namespace Damon.Footprint.Clusters;

/// <summary>A kubeconfig for an admin with a client certificate.</summary>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "A file of the benchmark's own folder.")]
internal static class KubeconfigFile
{
    /// <summary>Writes it.</summary>
    /// <param name="folder">Where the certificates are, and the file goes.</param>
    /// <param name="port">The server's port.</param>
    /// <returns>Its path.</returns>
    public static string Write(string folder, int port)
    {
        var path = Path.Combine(folder, "kubeconfig");
        File.WriteAllText(
            path,
            $$"""
            apiVersion: v1
            kind: Config
            clusters:
            - name: footprint
              cluster: {server: "https://127.0.0.1:{{port}}", certificate-authority: "{{folder}}/ca.crt"}
            users:
            - name: admin
              user: {client-certificate: "{{folder}}/admin.crt", client-key: "{{folder}}/admin.key"}
            contexts:
            - name: footprint
              context: {cluster: footprint, user: admin}
            current-context: footprint
            """);
        return path;
    }
}
