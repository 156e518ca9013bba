namespace Damon.Testing;

/// <summary>One mapping of a fake process. Sizes are bytes; what is not given is zero.</summary>
public sealed record FakeMapping(ulong Start, ulong End, string Permissions = "rw-p", string Path = "")
{
    public ulong RssBytes { get; init; }

    public ulong ReferencedBytes { get; init; }

    public ulong AnonymousBytes { get; init; }

    public ulong SwapBytes { get; init; }

    public ulong AnonHugePagesBytes { get; init; }

    public ulong LockedBytes { get; init; }

    public string VmFlags { get; init; } = "rd wr mr mw me ac";
}
