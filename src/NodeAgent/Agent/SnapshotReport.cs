using Damon.Api.Nodes;
using Damon.NodeAgent.Plans;
using Damon.NodeAgent.Safety;

namespace Damon.NodeAgent.Agent;

/// <summary>Turns a snapshot into what the node's status says.</summary>
internal static class SnapshotReport
{
    /// <summary>Turns.</summary>
    public static NodeReport Of(AgentSnapshot snapshot)
    {
        var node = snapshot.Node;
        var emergency = node.HeldBy.Contains(SafetyRail.NodeEmergency);
        var bad = snapshot.Schemes.Where(scheme => scheme.State == NodeSchemeState.Degraded).Select(scheme => scheme.Name).ToList();
        return new NodeReport
        {
            ObservedGeneration = snapshot.PlanGeneration,
            EchoAfter = snapshot.EchoAfter,
            AgentVersion = node.AgentVersion,
            Kernel = node.Kernel,
            Capabilities = node.Capabilities,
            Schemes = [.. snapshot.Schemes.Select(SchemeOf)],
            Conditions =
            [
                new("Ready", snapshot.PlanGeneration is null ? null : true, snapshot.PlanGeneration is null ? "NoPlan" : "PlanTakenUp"),
                snapshot.Problem.Length > 0 ? new("Degraded", true, "PlanProblem", snapshot.Problem)
                    : bad.Count > 0 ? new("Degraded", true, "SchemesDegraded", string.Join(", ", bad))
                    : new("Degraded", false, "AsExpected"),
                new("EmergencyStopped", emergency, emergency ? nameof(SafetyRail.NodeEmergency) : "AsExpected"),
            ],
        };
    }

    private static SchemeReport SchemeOf(SchemeView scheme) => new()
    {
        Name = scheme.Name,
        AppliedHash = scheme.AppliedHash,
        State = scheme.State,
        Reason = scheme.Reason,
        Message = scheme.Message,
        Targets = scheme.Targets,
        Conflicts = scheme.Conflicts,
        Effect = scheme.Statistics is not { } statistics ? scheme.Effect : new SchemeEffect
        {
            ColdBytes = BytesOf(statistics.MatchedNowBytes),
            AdvisedBytes = BytesOf(statistics.AdvisedBytes),
            AwayBytes = BytesOf(statistics.AwayBytes),
        },
        Trips = scheme.Trips,
    };

    private static long BytesOf(ulong bytes) => (long)Math.Min(bytes, long.MaxValue);
}
