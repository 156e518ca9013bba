namespace Damon.Api.Nodes;

/// <summary>What a scheme does to a node's memory.</summary>
public sealed record SchemeEffect
{
    /// <summary>Bytes that match now.</summary>
    public long ColdBytes { get; init; }

    /// <summary>Bytes that were acted on so far, whatever came of it.</summary>
    public long AdvisedBytes { get; init; }

    /// <summary>Bytes that are gone from memory now, as measured.</summary>
    public long AwayBytes { get; init; }
}
