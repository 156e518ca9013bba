using System.Text.Json;
using System.Text.Json.Nodes;
using Damon.Api.Clusters;
using Damon.Hosting.Processes;
using Damon.Kubernetes.Objects;
using Damon.Kubernetes.Requests;
using Damon.Operator.Cluster;

namespace Damon.Operator.Installations;

/// <summary>Whether an installation works, from the first to the last: the kinds are served, an operator leads, the cluster has a configuration, and an agent has taken up its node's plan.</summary>
/// <param name="client">Sends the requests.</param>
/// <param name="lease">The lease of the operators.</param>
/// <param name="log">Where it is told.</param>
/// <param name="time">The clock.</param>
internal sealed class InstallationCheck(ApiClient client, ObjectKey lease, IProcessLog log, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private string? _firstRenewal;

    /// <summary>Looks until everything is there or the time is over.</summary>
    /// <param name="patience">How long to wait.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>What is lacking; empty where nothing is.</returns>
    public async Task<IReadOnlyList<string>> RunAsync(TimeSpan patience, CancellationToken cancellation)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            List<string> lacking = [];
            foreach (var look in (Func<CancellationToken, Task<string>>[])[SchemesAsync, LeaderAsync, ConfigAsync, NodesAsync])
            {
                if (await look(cancellation) is { Length: > 0 } lack)
                    lacking.Add(lack);
            }

            if (lacking.Count == 0 || time.GetElapsedTime(began) + Pause > patience)
                return lacking;
            await Task.Delay(Pause, time, cancellation);
        }
    }

    private async Task<string> SchemesAsync(CancellationToken cancellation)
    {
        var listed = await client.ListAsync(new ObjectQuery(OperatorKinds.Schemes), new ListPosition { Limit = 1 }, static _ => { }, cancellation);
        return listed.Failure is { } failure ? $"DamonSchemes are not served: {failure}" : "";
    }

    /// <summary>A lease outlives its holder by seconds, so one renewal has to be seen.</summary>
    private async Task<string> LeaderAsync(CancellationToken cancellation)
    {
        var found = await client.GetAsync(ResourceKind.Leases, lease, cancellation);
        if (found.Failure is { } failure)
            return $"no operator leads: the lease {lease} cannot be read: {failure}";
        var spec = (JsonNode.Parse(found.Value.Span) as JsonObject)?["spec"] as JsonObject;
        var (holder, renewal) = (Text(spec, "holderIdentity"), Text(spec, "renewTime"));
        if (holder.Length == 0)
            return $"no operator leads: nobody holds the lease {lease}";
        if ((_firstRenewal ??= renewal) == renewal)
            return $"no operator leads: {holder} has not renewed the lease {lease} since it was looked at first";
        return "";
    }

    private async Task<string> ConfigAsync(CancellationToken cancellation)
    {
        var found = await client.GetAsync(OperatorKinds.Configs, new ObjectKey(DamonClusterConfigReader.Name), cancellation);
        return found.Failure is { } failure ? $"the cluster has no configuration: {failure}" : "";
    }

    private async Task<string> NodesAsync(CancellationToken cancellation)
    {
        var (all, answered) = (0, 0);
        var listed = await client.ListAsync(
            new ObjectQuery(OperatorKinds.Nodes),
            new ListPosition { ResourceVersion = "0" },
            utf8 =>
            {
                all++;
                answered += PlanEcho.Read(utf8).IsEchoed ? 1 : 0;
            },
            cancellation);
        if (listed.Failure is { } failure)
            return $"the plans of nodes cannot be read: {failure}";
        if (all == 0)
            return "no node has a plan";
        if (answered == 0)
            return $"none of {all} nodes has taken its plan up: no agent answers";
        log.Info($"{answered} of {all} nodes have taken their plans up.");
        return "";
    }

    private static string Text(JsonObject? from, string name) => from?[name] is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : "";
}
