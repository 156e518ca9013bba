namespace Damon.Engine.Schemes;

/// <summary>An action with all that is needed to carry it out. An immutable value; converts from the bare <see cref="SchemeAction"/>.</summary>
public readonly struct MemoryAction : IEquatable<MemoryAction>
{
    private readonly IReadOnlyList<MigrationDestination>? _destinations;

    /// <summary>Makes one.</summary>
    /// <param name="kind">What is done.</param>
    /// <param name="destinations">Where pages go, for the actions that move them; must not change afterwards.</param>
    public MemoryAction(SchemeAction kind, IReadOnlyList<MigrationDestination>? destinations = null)
    {
        Kind = kind;
        _destinations = destinations;
    }

    /// <summary>What is done.</summary>
    public SchemeAction Kind { get; }

    /// <summary>For <see cref="SchemeAction.Reclaim"/>, which does not go by addresses: the most that is asked for, in bytes. Every other action takes what lies in the ranges.</summary>
    public ulong AmountBytes { get; init; }

    /// <summary>For <see cref="SchemeAction.Reclaim"/>: whether anonymous memory is to stay, which only newer kernels can be told.</summary>
    public bool SparesAnonymous { get; init; }

    /// <summary>Where pages go; empty where the action moves none.</summary>
    public IReadOnlyList<MigrationDestination> Destinations => _destinations ?? [];

    /// <summary>
    /// Whether a page that lies on any of the destinations is where it is to be. Otherwise each page has one of them, by its place (<see cref="MigrationPlacement"/>), and is moved to it from the others too.
    /// </summary>
    public bool AnyDestinationWillDo { get; init; }

    /// <summary>An action that needs nothing else.</summary>
    /// <param name="kind">What is done.</param>
    public static implicit operator MemoryAction(SchemeAction kind) => FromSchemeAction(kind);

    /// <summary>Whether two do the same.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    public static bool operator ==(MemoryAction left, MemoryAction right) => left.Equals(right);

    /// <summary>Whether two do different things.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    public static bool operator !=(MemoryAction left, MemoryAction right) => !left.Equals(right);

    /// <inheritdoc cref="op_Implicit"/>
    public static MemoryAction FromSchemeAction(SchemeAction kind) => new(kind);

    /// <summary>Whether pages that lie on a node stay there because any destination will do.</summary>
    /// <param name="node">The node.</param>
    public bool LeavesOn(int node)
    {
        for (var i = 0; AnyDestinationWillDo && i < Destinations.Count; i++)
        {
            if (Destinations[i].Node == node && Destinations[i].Weight > 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <inheritdoc/>
    public bool Equals(MemoryAction other) =>
        (Kind, AmountBytes, SparesAnonymous, AnyDestinationWillDo) == (other.Kind, other.AmountBytes, other.SparesAnonymous, other.AnyDestinationWillDo) && Destinations.SequenceEqual(other.Destinations);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is MemoryAction other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Kind, AmountBytes, Destinations.Count);

    /// <inheritdoc/>
    public override string ToString() =>
        Destinations.Count == 0 ? Kind.ToString() : $"{Kind} to node {string.Join(", ", Destinations.Select(destination => destination.Node))}";
}
