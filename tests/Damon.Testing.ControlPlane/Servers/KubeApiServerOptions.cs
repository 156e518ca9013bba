namespace Damon.Testing.ControlPlane.Servers;

/// <summary>What a kube-apiserver is started with, beside what it always is.</summary>
public sealed record KubeApiServerOptions
{
    /// <summary>Who comes with a token; the admin always may.</summary>
    public IReadOnlyList<TestUser> Users { get; init; } = [];

    /// <summary>An audit policy, or null. The log is <see cref="KubeApiServer.AuditLogPath"/>.</summary>
    public string? AuditPolicy { get; init; }

    /// <summary>Whether it passes groups on to other servers, as <see cref="DamonControlPlane"/> needs it where rules are wanted.</summary>
    public bool Aggregates { get; init; }

    /// <summary>Further flags.</summary>
    public IReadOnlyList<string> Flags { get; init; } = [];

    /// <summary>After so long its programs are killed, should nobody have ended them.</summary>
    public TimeSpan LongestLife { get; init; } = TimeSpan.FromMinutes(10);
}
