namespace Damon.Testing.ApiServer;

/// <summary>A kubeconfig file of one cluster and one user.</summary>
public static class KubeconfigText
{
    /// <summary>The file's text.</summary>
    /// <param name="server">The server's address.</param>
    /// <param name="user">The fields of the user, as <c>token: secret</c>.</param>
    /// <param name="trust">The fields of the cluster beside its address, as <c>certificate-authority: "/ca.crt"</c>; empty for none.</param>
    public static string Of(string server, string user, string trust = "") =>
        $$"""
        apiVersion: v1
        kind: Config
        clusters:
        - name: test
          cluster: {server: "{{server}}"{{(trust.Length > 0 ? ", " : "")}}{{trust}}}
        users:
        - name: user
          user: {{{user}}}
        contexts:
        - name: test
          context: {cluster: test, user: user}
        current-context: test

        """;
}
