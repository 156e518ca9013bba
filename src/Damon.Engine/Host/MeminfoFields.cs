namespace Damon.Engine.Host;

/// <summary>The fields that the machine's and a node's meminfo have in common, as they are met line by line.</summary>
internal struct MeminfoFields
{
    public ulong? Total;
    public ulong? Free;
    public ulong? Available;
    public ulong SwapTotal;
    public ulong SwapFree;
    public ulong Active;
    public ulong Inactive;

    /// <summary>Takes one line in.</summary>
    /// <returns>False where a known field has an impossible value.</returns>
    public bool TryTake(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => name switch
    {
        _ when name.SequenceEqual("MemTotal"u8) => TryTake(value, ref Total),
        _ when name.SequenceEqual("MemFree"u8) => TryTake(value, ref Free),
        _ when name.SequenceEqual("MemAvailable"u8) => TryTake(value, ref Available),
        _ when name.SequenceEqual("SwapTotal"u8) => ProcText.TryParseKilobytes(value, out SwapTotal),
        _ when name.SequenceEqual("SwapFree"u8) => ProcText.TryParseKilobytes(value, out SwapFree),
        _ when name.SequenceEqual("Active"u8) => ProcText.TryParseKilobytes(value, out Active),
        _ when name.SequenceEqual("Inactive"u8) => ProcText.TryParseKilobytes(value, out Inactive),
        _ => true,
    };

    private static bool TryTake(ReadOnlySpan<byte> value, ref ulong? field)
    {
        var isNumber = ProcText.TryParseKilobytes(value, out var bytes);
        field = bytes;
        return isNumber;
    }
}
