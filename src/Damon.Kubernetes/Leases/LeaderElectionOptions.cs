namespace Damon.Kubernetes.Leases;

/// <summary>Which lease, and how long it lasts.</summary>
/// <param name="Namespace">Where it lies.</param>
/// <param name="Name">Its name.</param>
/// <param name="Identity">This process, unlike any other and any earlier one: a pod's name and something by chance.</param>
public sealed record LeaderElectionOptions(string Namespace, string Name, string Identity)
{
    /// <summary>Others take over when the lease has not changed for so long. Whole seconds.</summary>
    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>A leader that could not renew for so long stops acting, well before others take over.</summary>
    public TimeSpan RenewDeadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often the lease is renewed, or looked at.</summary>
    public TimeSpan RetryPeriod { get; init; } = TimeSpan.FromSeconds(2);
}
