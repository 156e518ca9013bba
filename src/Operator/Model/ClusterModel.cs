using Damon.Kubernetes.Objects;
using Damon.Operator.Nodes;
using Damon.Operator.Plans;
using Damon.Operator.Schemes;

namespace Damon.Operator.Model;

/// <summary>
/// The cluster as the operator knows it, and everything that is decided about it. Informers tell it what changed and get the keys to look at; the two controllers ask it by key. It does no input or output and has
/// no clock. Calls may come from several threads; each sees and leaves a whole state. One model lives as long as one term of leadership: it is made empty when the lease is gained.
/// </summary>
/// <param name="options">Times and bounds.</param>
public sealed class ClusterModel(ClusterModelOptions options)
{
    /// <summary>A scheme was added or changed. What its status says counts at first sight only: afterwards the model knows what it had written.</summary>
    public Wake SetScheme(SchemeObject scheme) => throw new NotImplementedException();

    /// <summary>A scheme is gone.</summary>
    public Wake RemoveScheme(string name) => throw new NotImplementedException();

    /// <summary>A Node was added or changed.</summary>
    public Wake SetNode(NodeFacts node) => throw new NotImplementedException();

    /// <summary>A Node is gone.</summary>
    public Wake RemoveNode(string name) => throw new NotImplementedException();

    /// <summary>An agent's pod was added or changed.</summary>
    public Wake SetAgentPod(AgentPodFacts pod) => throw new NotImplementedException();

    /// <summary>An agent's pod is gone.</summary>
    public Wake RemoveAgentPod(ObjectKey pod) => throw new NotImplementedException();

    /// <summary>A DamonNode was added or changed, by an informer or in the answer to a write. One that is older than what is known (same uid, smaller generation) is passed over.</summary>
    public Wake SetDamonNode(DamonNodeRecord record, DateTimeOffset now) => throw new NotImplementedException();

    /// <summary>A DamonNode is gone.</summary>
    public Wake RemoveDamonNode(string name) => throw new NotImplementedException();

    /// <summary>The cluster's configuration, or that there is none.</summary>
    public Wake SetConfig(ClusterRules rules) => throw new NotImplementedException();

    /// <summary>What is lacking in the definitions that the server has; null where nothing is. Told on every scheme as <c>CrdTooOld</c>.</summary>
    public Wake SetDefinitionProblem(string? message) => throw new NotImplementedException();

    /// <summary>What is to be done about a node's plan.</summary>
    /// <param name="node">Its name.</param>
    /// <param name="now">The time of day.</param>
    public NodeDecision DecideNode(string node, DateTimeOffset now) => throw new NotImplementedException();

    /// <summary>A node's plan was written and this is the server's answer. Where it lacks what was sent, the definition of DamonNode is too old.</summary>
    public Wake NodeWritten(NodeDecision decision, DamonNodeRecord answer, DateTimeOffset now) => throw new NotImplementedException();

    /// <summary>What is to be done about a scheme.</summary>
    /// <param name="scheme">Its name.</param>
    /// <param name="now">The time of day.</param>
    public SchemeDecision DecideScheme(string scheme, DateTimeOffset now) => throw new NotImplementedException();

    /// <summary>The server has taken a scheme's status, or none was due: what was decided holds for nodes from now on. To be called after every decision whose write did not fail.</summary>
    /// <param name="decision">The decision.</param>
    /// <param name="resourceVersion">Of the server's answer; null where nothing was written.</param>
    /// <returns>The nodes whose plans differ now, and schemes whose state follows from it.</returns>
    public Wake SchemeWritten(SchemeDecision decision, string? resourceVersion) => throw new NotImplementedException();

    /// <summary>How many nodes of each scheme are in which state, and where rollouts are: for metrics.</summary>
    public ClusterFigures Figures() => throw new NotImplementedException();
}
