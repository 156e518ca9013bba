namespace Damon.Lab.Guest.Running;

/// <summary>What smaps says of some mappings together.</summary>
/// <param name="RssBytes">In memory.</param>
/// <param name="ReferencedBytes">Of these, accessed since the accessed bits were cleared.</param>
/// <param name="SwapBytes">In swap.</param>
/// <param name="AnonHugePagesBytes">In huge pages.</param>
public readonly record struct MappingSums(ulong RssBytes, ulong ReferencedBytes, ulong SwapBytes, ulong AnonHugePagesBytes)
{
    public static MappingSums operator +(MappingSums left, MappingSums right) => left.Plus(right);

    public MappingSums Plus(MappingSums other) => new(
        RssBytes + other.RssBytes,
        ReferencedBytes + other.ReferencedBytes,
        SwapBytes + other.SwapBytes,
        AnonHugePagesBytes + other.AnonHugePagesBytes);
}
