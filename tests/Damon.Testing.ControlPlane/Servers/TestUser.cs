namespace Damon.Testing.ControlPlane.Servers;

/// <summary>Somebody whom a server knows by a token.</summary>
/// <param name="Name">As authorization knows him.</param>
/// <param name="Groups">His groups.</param>
public sealed record TestUser(string Name, params string[] Groups)
{
    public static TestUser Admin { get; } = new("admin", "system:masters");

    public string Token => $"test-token-of-{Name.Replace(':', '-')}";

    /// <summary>A pod's identity, as authorization sees it.</summary>
    public static TestUser ServiceAccount(string ns, string name) =>
        new($"system:serviceaccount:{ns}:{name}", "system:serviceaccounts", $"system:serviceaccounts:{ns}", "system:authenticated");
}
