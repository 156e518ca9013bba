using Damon.Api.Nodes;

namespace Damon.Operator.Nodes;

/// <summary>What an agent says of one scheme.</summary>
public readonly record struct NodeSchemeRecord
{
    /// <summary>The scheme's name.</summary>
    public required string Name { get; init; }

    /// <summary>The hash that was taken up; empty before the first.</summary>
    public required string AppliedHash { get; init; }

    /// <summary>How it is; a state that is not known here is Degraded, because nothing good can be said of it.</summary>
    public required NodeSchemeState State { get; init; }

    /// <summary>Why; empty where the state says it all.</summary>
    public required string Reason { get; init; }

    /// <summary>The same for people; kept of Degraded and Unsupported alone.</summary>
    public required string Message { get; init; }

    /// <summary>Since when; null where the agent does not say.</summary>
    public required DateTimeOffset? Since { get; init; }

    /// <summary>Containers that it is for.</summary>
    public int Targets { get; init; }

    /// <summary>Containers left to schemes of a better rank.</summary>
    public int ConflictContainers { get; init; }

    /// <summary>The scheme that has most of those; empty where none is named.</summary>
    public required string ConflictWinner { get; init; }

    /// <summary>Bytes that match now.</summary>
    public long ColdBytes { get; init; }

    /// <summary>Bytes that were acted on so far.</summary>
    public long AdvisedBytes { get; init; }

    /// <summary>Bytes that are gone now.</summary>
    public long AwayBytes { get; init; }

    /// <summary>How often a rail began to hold since the agent started.</summary>
    public long Trips { get; init; }
}
