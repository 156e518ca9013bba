using Damon.Operator.Plans;
using Damon.Operator.Rollouts;
using Damon.Operator.Schemes;
using Damon.Operator.Statuses;

namespace Damon.Operator.Model;

/// <summary>All that is known of one scheme, and what was decided about it.</summary>
internal sealed class SchemeCard(SchemeObject scheme)
{
    /// <summary>The scheme as it was last heard of.</summary>
    public SchemeObject Scheme { get; set; } = scheme;

    /// <summary>The resourceVersion to write against.</summary>
    public string ResourceVersion { get; set; } = scheme.ResourceVersion;

    /// <summary>The status as the server has it: as found at first, as written since.</summary>
    public SchemeStatus Status { get; set; } = scheme.Status;

    /// <summary>When it was last written; null where not in this term.</summary>
    public DateTimeOffset? WrittenAt { get; set; }

    /// <summary>When the sums of effects in it last changed; null where not in this term.</summary>
    public DateTimeOffset? EffectAt { get; set; }

    /// <summary>What nodes go by; null where nothing has been decided in this term.</summary>
    public SchemeDirective? Directive { get; set; }

    /// <summary>The nodes that are let in and do not have it in their plans yet, as far as it is known.</summary>
    public HashSet<string> Granted { get; } = new(StringComparer.Ordinal);

    /// <summary>Counts as of the last decision.</summary>
    public NodeCounts Counts { get; set; } = scheme.Status.Nodes;

    /// <summary>A decision is the latest one only while this number is its own.</summary>
    public long Decisions { get; set; }

    /// <summary>The order of rank: the higher priority, then the older, then the smaller name.</summary>
    public static Comparison<SchemeCard> ByRank { get; } = static (left, right) =>
    {
        var order = PriorityOf(right).CompareTo(PriorityOf(left));
        order = order != 0 ? order : left.Scheme.CreatedAt.CompareTo(right.Scheme.CreatedAt);
        return order != 0 ? order : string.CompareOrdinal(left.Scheme.Name, right.Scheme.Name);
    };

    /// <summary>Where its rollout is, as stored.</summary>
    public RolloutState? Rollout => Status.Rollout;

    // By what is decided, so that a new priority counts on all nodes from one moment on.
    private static int PriorityOf(SchemeCard card) => (card.Directive?.Scheme ?? card.Scheme).Spec?.Priority ?? 0;
}
