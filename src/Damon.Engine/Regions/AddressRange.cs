namespace Damon.Engine.Regions;

/// <summary>Addresses from <paramref name="Start"/> up to, not including, <paramref name="End"/>.</summary>
/// <param name="Start">First address, in bytes.</param>
/// <param name="End">First address after the range, in bytes; never below <paramref name="Start"/>.</param>
public readonly record struct AddressRange(ulong Start, ulong End)
{
    /// <summary>Bytes covered.</summary>
    public ulong SizeBytes => End - Start;

    /// <summary>As people write it: hexadecimal, the way <c>/proc/PID/maps</c> does.</summary>
    public override string ToString() => $"{Start:x}-{End:x}";
}
