using Damon.Api.Clusters;
using Damon.Hosting.Processes;
using Damon.Kubernetes.Controllers;
using Damon.Kubernetes.Events;
using Damon.Kubernetes.Objects;
using Damon.Kubernetes.Requests;
using Damon.Operator.Cluster;
using Damon.Operator.Json;

namespace Damon.Operator.Controllers;

/// <summary>
/// Sees to it that there is a configuration: makes it where it is absent, and takes back the Off of an uninstallation when the product is there again. It never changes anything else of it: that is the
/// admins'.
/// </summary>
/// <param name="cluster">What the server has.</param>
/// <param name="writer">Writes.</param>
/// <param name="first">What is made where there is none: the object as JSON.</param>
/// <param name="mode">The mode in it.</param>
/// <param name="process">What this process has seen of uninstallations.</param>
/// <param name="record">Takes events; never waits.</param>
/// <param name="log">Where changes are told.</param>
/// <param name="time">The clock.</param>
internal sealed class ConfigReconciler(
    TermCluster cluster, ObjectWriter writer, ReadOnlyMemory<byte> first, ClusterMode mode, UninstallWatch process, Action<ObjectEvent> record, IProcessLog log, TimeProvider time)
{
    /// <summary>Tools replace an object by deleting it and making it anew: that must not meet one of ours. An object that was never there is made at once.</summary>
    internal static readonly TimeSpan AbsenceGrace = TimeSpan.FromSeconds(10);

    private static readonly ObjectKey Key = new(DamonClusterConfigReader.Name);

    private long? _absentSince;

    /// <summary>Looks at the configuration.</summary>
    public async ValueTask<ReconcileResult> ReconcileAsync(string key, CancellationToken cancellation)
    {
        if (!cluster.Configs.Store.TryGet(Key, out var found))
            return await CreateAsync(cancellation);
        _absentSince = null;
        if (!found.Value.IsOffByUninstall)
        {
            process.Note(isOffByUninstall: false);
            return ReconcileResult.Done;
        }

        return process.Note(isOffByUninstall: true) switch
        {
            { } left when left > TimeSpan.Zero => ReconcileResult.Again(left),
            { } => await LiftAsync(found.Header, cancellation),
            null => ReconcileResult.Done,
        };
    }

    private async Task<ReconcileResult> CreateAsync(CancellationToken cancellation)
    {
        // One that cannot be read is there all the same.
        if (cluster.Configs.Health.Undecodable.ContainsKey(Key))
            return ReconcileResult.Done;
        var now = time.GetTimestamp();
        var since = _absentSince ??= now;
        var left = AbsenceGrace - time.GetElapsedTime(since, now);
        if (cluster.ConfigDeletions > 0 && left > TimeSpan.Zero)
            return ReconcileResult.Again(left);

        var ticket = await writer.WaitAsync(cancellation);
        var made = await writer.CreateAsync(ticket, OperatorKinds.Configs, first, cancellation);
        if (made.Succeeded)
            log.Info($"There was no configuration of the cluster; one with the mode {mode} was made.");
        return made.Failure is null or { Kind: ApiFailureKind.AlreadyExists }
            ? ReconcileResult.Done
            : ReconcileResult.Failed($"The configuration of the cluster could not be made: {made.Failure}", made.Failure.RetryAfter);
    }

    private async Task<ReconcileResult> LiftAsync(ObjectHeader header, CancellationToken cancellation)
    {
        var ticket = await writer.WaitAsync(cancellation);
        var lifted = await writer.MergeAsync(ticket, OperatorKinds.Configs, Key.Name, LiftPatch(header.ResourceVersion), cancellation);
        if (lifted.Failure is { } failure)
            return ReconcileResult.Failed($"The mode Off of an uninstallation could not be lifted: {failure}", failure.RetryAfter);
        log.Info($"The mode Off that an uninstallation had set was lifted to {mode}.");
        record(new ObjectEvent(
            new ObjectReference(OperatorKinds.Configs, Key, header.Uid), EventType.Normal, "UninstallOffLifted", "SetMode", $"An uninstallation had set the mode to Off; it is {mode} again."));
        return ReconcileResult.Done;
    }

    /// <summary>Only of the very object that was looked at: an admin may have taken the annotation for their own since.</summary>
    private byte[] LiftPatch(string resourceVersion) => JsonBytes.OfObject(json =>
    {
        json.WriteStartObject("metadata");
        json.WriteString("resourceVersion", resourceVersion);
        json.WriteStartObject("annotations");
        json.WriteNull(ConfigObject.OffByAnnotation);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteStartObject("spec");
        json.WriteString("mode", mode.ToString());
        json.WriteEndObject();
    });
}
