using Damon.Operator.Schemes;

namespace Damon.Operator.Nodes;

/// <summary>A scheme of a plan, as it stands in a DamonNode or is to stand there. Nodes share entries that are the same.</summary>
/// <param name="Name">The scheme's name.</param>
/// <param name="Uid">The scheme's uid.</param>
/// <param name="Generation">The scheme's generation when the entry was written.</param>
/// <param name="Hash">The version and its form.</param>
/// <param name="Rank">Its place in this plan, from 1.</param>
/// <param name="CreatedAt">When the scheme was created.</param>
/// <param name="Text">The spec.</param>
public sealed record PlannedEntry(string Name, string Uid, long Generation, string Hash, int Rank, DateTimeOffset CreatedAt, VersionText Text)
{
    /// <summary>Whether the node acts under it, or would if it were not paused. The text decides: it is what the agent carries out.</summary>
    public bool Acts => Text.Form.Acts;

    /// <summary>The version that the node is admitted to; null where it does not act, or under something that is no version of ours.</summary>
    public string? AdmittedTo { get; } = Text.Form.Acts && VersionHash.TryParse(Hash, out var hash) && hash.Form.Acts ? hash.Version : null;
}
