using System.Text.Json.Nodes;
using Damon.Operator.Rollouts;
using Damon.Operator.Schemes;

namespace Damon.Operator.Tests.Simulation;

/// <summary>
/// Stands at the API server and holds each write of a plan against what a rollout may do, knowing nothing of the operator's own books: who is let in must be let in by a stored state, and not too many may be under way at once.
/// </summary>
internal sealed class UnderWayWatch
{
    private readonly SimulatedCluster _cluster;
    private readonly int _most;
    private readonly Dictionary<(string Scheme, string Node), string> _underWay = [];

    public UnderWayWatch(SimulatedCluster cluster, int most)
    {
        (_cluster, _most) = (cluster, most);
        cluster.OnPlan = Look;
    }

    /// <summary>What broke a rule.</summary>
    public List<string> Violations { get; } = [];

    /// <summary>The most nodes that were under way at once.</summary>
    public int Highest { get; private set; }

    /// <summary>Nodes that have answered, are gone, or could be taken for lost are under way no more.</summary>
    public void Update()
    {
        foreach (var ((scheme, node), hash) in _underWay.ToList())
        {
            var plan = _cluster.Names(SimulatedCluster.DamonNodes).Contains(node) ? _cluster.Object(SimulatedCluster.DamonNodes, node) : null;
            var applied = plan?["status"]?["schemes"]?.AsArray().FirstOrDefault(one => (string)one!["name"]! == scheme)?["appliedHash"];
            if ((string?)SimulatedCluster.Entry(plan, scheme)?["hash"] != hash || (string?)applied == hash || IsOutOfReach(node))
                _underWay.Remove((scheme, node));
        }
    }

    private bool IsOutOfReach(string node) => _cluster.Silent.Contains(node) || new[] { (SimulatedCluster.Nodes, node), (SimulatedCluster.Pods, "agent-" + node) }.Any(key =>
        !_cluster.Names(key.Item1).Contains(key.Item2) || (string)_cluster.Object(key.Item1, key.Item2)["status"]!["conditions"]![0]!["status"]! != "True");

    private void Look(string node, JsonObject? before, JsonObject after)
    {
        Update();
        foreach (var entry in after["spec"]!["schemes"]!.AsArray().OfType<JsonObject>())
        {
            var (scheme, hash) = ((string)entry["name"]!, (string)entry["hash"]!);
            VersionHash.TryParse(hash, out var now).Should().BeTrue();
            var had = SimulatedCluster.Entry(before, scheme) is { } old && VersionHash.TryParse((string)old["hash"]!, out var then) && then.Form.Acts ? then.Version : null;
            if (!now.Form.Acts || now.Version == had)
                continue;
            var rollout = SchemeObjectReader.Read(_cluster.Get(SimulatedCluster.Schemes, scheme)!).Status.Rollout;
            var isBack = rollout is { Phase: RolloutPhase.Reverting or RolloutPhase.Reverted, Former: { } former } && former.Hash.Version == now.Version;
            if (isBack)
                continue;
            if (rollout is null || !rollout.Hash.StartsWith(now.Version, StringComparison.Ordinal) || rollout.Phase is not (RolloutPhase.Canary or RolloutPhase.Stepping or RolloutPhase.Done))
                Violations.Add($"{node} was let in to {hash} while the stored rollout is {rollout?.Hash} {rollout?.Phase}");
            _underWay[(scheme, node)] = hash;
            var count = _underWay.Count(one => one.Key.Scheme == scheme && one.Value == hash);
            Highest = Math.Max(Highest, count);
            if (count > _most)
                Violations.Add($"{count} nodes are under way to {hash}; {_most} may be");
        }
    }
}
