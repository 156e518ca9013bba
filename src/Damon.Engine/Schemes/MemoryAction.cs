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

    /// <summary>Where pages go; empty where the action moves none.</summary>
    public IReadOnlyList<MigrationDestination> Destinations => _destinations ?? [];

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

    /// <inheritdoc/>
    public bool Equals(MemoryAction other) => Kind == other.Kind && AmountBytes == other.AmountBytes && Destinations.SequenceEqual(other.Destinations);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is MemoryAction other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Kind, AmountBytes, Destinations.Count);

    /// <inheritdoc/>
    public override string ToString() =>
        Destinations.Count == 0 ? Kind.ToString() : $"{Kind} to node {string.Join(", ", Destinations.Select(destination => destination.Node))}";
}
