using Damon.Api.Clusters;
using Damon.Api.Manifests;
using Damon.Api.Nodes;
using Damon.Api.Units;

namespace Damon.NodeAgent.Plans;

/// <summary>
/// Takes what the API server says about this node's plan and the cluster's configuration, and keeps the last good of each. Nothing here knows a client: an object is its JSON, or it is
/// not there. Belongs to the agent's one thread.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="nodeName">This node. Another node's plan is not taken.</param>
internal sealed class PlanIntake(TimeProvider time, string nodeName)
{
    // A restart within an outage goes on with the silence that is on disk: it may be this much too long, never too short.
    private static readonly TimeSpan StoreAnswerEvery = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan RetryStoreAfter = TimeSpan.FromMinutes(1);

    private StoredDocument _node;
    private StoredDocument _config;
    private DamonClusterConfigSpec _lastConfig = new();
    private bool _isHeard;
    private bool _isChanged;
    private DateTimeOffset? _storedAnswerAt;
    private long? _storeFailedAt;

    /// <summary>The plan in force.</summary>
    public NodePlan Plan { get; private set; } = NodePlan.NotYetKnown;

    /// <summary>Why the plan last given was not taken; null where it was.</summary>
    public PlanProblem? PlanProblem { get; private set; }

    /// <summary>The cluster's configuration in force.</summary>
    public ClusterRules Rules { get; private set; } = ClusterRules.NotYetKnown;

    /// <summary>What is wrong with the configuration last given; null where nothing is.</summary>
    public PlanProblem? ConfigProblem { get; private set; }

    /// <summary>How long the API server has been silent.</summary>
    public ApiContact Contact { get; } = new(time);

    /// <summary>Whether the plan in force comes from the disk.</summary>
    public bool IsRestored { get; private set; }

    /// <summary>Whether there is something new to keep on disk.</summary>
    public bool IsStoreDue =>
        _isHeard
        && (_isChanged || _storedAnswerAt is null || Contact.LastAnswerAt - _storedAnswerAt >= StoreAnswerEvery)
        && (_storeFailedAt is not { } failedAt || time.GetElapsedTime(failedAt) >= RetryStoreAfter);

    /// <summary>How far a scheme goes now.</summary>
    /// <param name="scheme">A scheme of the plan.</param>
    public ModeDecision ModeOf(PlannedScheme scheme) => EffectiveMode.Of(scheme, Plan, Rules, time.GetUtcNow(), Contact.Silence);

    /// <summary>Takes this node's object.</summary>
    /// <param name="json">As the API server gave it; the memory is kept.</param>
    /// <returns>Whether the plan in force is another one now.</returns>
    public bool TakeNode(ReadOnlyMemory<byte> json)
    {
        Heard();
        if (_node.IsPresent && _node.Json.Span.SequenceEqual(json.Span))
        {
            PlanProblem = null;
            return false;
        }

        if (Read(json) is not { } plan)
        {
            return false;
        }

        PlanProblem = null;

        // The agent's own status is in the object, too: only a change of spec makes another generation of it.
        if (_node.IsPresent && plan.Uid.Length > 0 && plan.Generation > 0 && (plan.Uid, plan.Generation) == (Plan.Uid, Plan.Generation))
        {
            IsRestored = false;
            return false;
        }

        (_node, _isChanged, IsRestored) = (StoredDocument.Of(json), true, false);
        Plan = plan;
        return true;
    }

    /// <summary>This node's object is not there, or the kind is not: the empty plan.</summary>
    /// <returns>Whether the plan in force is another one now.</returns>
    public bool TakeNodeAbsent()
    {
        Heard();
        var isNew = _node.IsPresent || !_node.IsKnown;
        (_node, _isChanged, PlanProblem, IsRestored) = (StoredDocument.Absent, _isChanged || isNew, null, false);
        Plan = NodePlan.Empty;
        return isNew;
    }

    /// <summary>Takes the cluster's configuration.</summary>
    /// <param name="json">As the API server gave it; the memory is kept.</param>
    /// <returns>Whether other rules are in force now.</returns>
    public bool TakeConfig(ReadOnlyMemory<byte> json)
    {
        Heard();
        if (_config.IsPresent && _config.Json.Span.SequenceEqual(json.Span))
        {
            return false;
        }

        // Kept even where it cannot be read: after a restart it must hold back as it does now.
        (_config, _isChanged) = (StoredDocument.Of(json), true);
        return ReadConfig(json);
    }

    /// <summary>There is no configuration, or the kind is not there.</summary>
    /// <returns>Whether other rules are in force now.</returns>
    public bool TakeConfigAbsent()
    {
        Heard();
        var isNew = _config.IsPresent || !_config.IsKnown;
        (_config, _isChanged, ConfigProblem, _lastConfig) = (StoredDocument.Absent, _isChanged || isNew, null, new());
        Rules = ClusterRules.Absent;
        return isNew;
    }

    /// <summary>The API server has answered something, whatever it was.</summary>
    public void Heard()
    {
        _isHeard = true;
        Contact.Answered();
    }

    /// <summary>Takes what was on disk at the start. What the API server has said already is newer and stays.</summary>
    /// <param name="stored">What was on disk.</param>
    public void Restore(StoredPlan stored)
    {
        if (!_isHeard && stored.LastAnswerAt is { } lastAnswerAt)
        {
            Contact.Restore(lastAnswerAt);
            _storedAnswerAt = lastAnswerAt;
        }

        if (!_node.IsKnown && stored.Node.IsKnown)
        {
            if (!stored.Node.IsPresent)
            {
                (_node, Plan, IsRestored) = (stored.Node, NodePlan.Empty, true);
            }
            else if (Read(stored.Node.Json) is { } plan)
            {
                (_node, Plan, IsRestored) = (stored.Node, plan, true);
            }
        }

        if (!_config.IsKnown && stored.Config.IsKnown)
        {
            _config = stored.Config;
            if (stored.Config.IsPresent)
            {
                ReadConfig(stored.Config.Json);
            }
            else
            {
                Rules = ClusterRules.Absent;
            }
        }
    }

    /// <summary>What to keep on disk.</summary>
    public StoredPlan ToStore() => new(_node, _config, Contact.LastAnswerAt);

    /// <summary>It has been kept, or not: then it is tried again in a minute.</summary>
    /// <param name="stored">What <see cref="ToStore"/> gave.</param>
    /// <param name="isKept">Whether it is on the disk.</param>
    public void Stored(StoredPlan stored, bool isKept)
    {
        if (isKept)
        {
            (_isChanged, _storedAnswerAt, _storeFailedAt) = (false, stored.LastAnswerAt, null);
        }
        else
        {
            _storeFailedAt = time.GetTimestamp();
        }
    }

    private NodePlan? Read(ReadOnlyMemory<byte> json)
    {
        var read = DamonNodeReader.Read("damonnode.json", json.Span);
        if (read.Node is not { } node)
        {
            PlanProblem = new(PlanReasons.PlanUnreadable, read.Errors[0].ToString());
            return null;
        }

        if (node.Name != nodeName)
        {
            PlanProblem = new(PlanReasons.NotThisNode, $"the plan is that of the node {QuotedText.Of(node.Name)}, this is {QuotedText.Of(nodeName)}");
            return null;
        }

        return NodePlan.From(node);
    }

    private bool ReadConfig(ReadOnlyMemory<byte> json)
    {
        var before = Rules;
        var read = DamonClusterConfigReader.Read("damonclusterconfig.json", json.Span);
        if (read.Config is { } config)
        {
            (_lastConfig, ConfigProblem) = (config.Spec, null);
            Rules = ClusterRules.From(config.Spec);
        }
        else
        {
            Rules = ClusterRules.Unreadable(read.Mode, read.Errors.Any(error => error.Kind != ManifestErrorKind.Invalid), _lastConfig);
            ConfigProblem = new(PlanReasons.ClusterConfigUnreadable, read.Errors[0].ToString());
        }

        return Rules != before;
    }
}
