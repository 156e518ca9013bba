using Damon.Kubernetes.Controllers;
using Damon.Kubernetes.Events;
using Damon.Kubernetes.Objects;
using Damon.Kubernetes.Requests;
using Damon.Operator.Cluster;
using Damon.Operator.Model;
using Damon.Operator.Schemes;

namespace Damon.Operator.Controllers;

/// <summary>Writes what the model decides of a scheme: its finalizer, its status, and then, when that is stored, its events and what nodes are to know of it.</summary>
/// <param name="model">Decides.</param>
/// <param name="cluster">What the server has.</param>
/// <param name="writer">Writes.</param>
/// <param name="record">Takes events; never waits.</param>
/// <param name="queues">Take what follows.</param>
/// <param name="time">The clock.</param>
internal sealed class SchemeReconciler(ClusterModel model, TermCluster cluster, ObjectWriter writer, Action<ObjectEvent> record, TermQueues queues, TimeProvider time)
{
    /// <summary>Looks at one scheme.</summary>
    public async ValueTask<ReconcileResult> ReconcileAsync(string scheme, CancellationToken cancellation)
    {
        queues.Looking(scheme);
        var decision = model.DecideScheme(scheme, time.GetUtcNow());
        if (decision.Uid.Length == 0)
            queues.Forget(scheme);
        if (decision.Finalizer != FinalizerWork.Nothing)
            return await WriteFinalizerAsync(decision, cancellation);

        string? version = null;
        if (!decision.StatusApply.IsEmpty)
        {
            var ticket = await writer.WaitAsync(cancellation);
            var written = await writer.ApplyAsync(ticket, OperatorKinds.Schemes, scheme, decision.StatusApply, "status", cancellation);
            if (written.Failure is { Kind: ApiFailureKind.NotFound })
                return ReconcileResult.Done;
            if (written.Failure is { } failure)
                return Failed(scheme, "status", failure);
            version = ObjectHeader.Read(written.Value.Span).ResourceVersion;
        }

        queues.Add(model.SchemeWritten(decision, version));
        foreach (var happened in decision.Events)
        {
            record(new ObjectEvent(
                new ObjectReference(OperatorKinds.Schemes, new ObjectKey(scheme), decision.Uid), happened.Type, happened.Reason, happened.Action, happened.Note));
        }

        return decision.LookAgainIn is { } after ? ReconcileResult.Again(after) : ReconcileResult.Done;
    }

    private async Task<ReconcileResult> WriteFinalizerAsync(SchemeDecision decision, CancellationToken cancellation)
    {
        var deletions = cluster.SchemeDeletions;
        var ticket = await writer.WaitAsync(cancellation);
        var written = await writer.MergeAsync(ticket, OperatorKinds.Schemes, decision.Scheme, decision.FinalizerPatch, cancellation);
        if (written.Failure is { Kind: ApiFailureKind.NotFound })
            return ReconcileResult.Done;
        if (written.Failure is { } failure)
            return Failed(decision.Scheme, "finalizer", failure);
        if (decision.Finalizer == FinalizerWork.Add)
        {
            // Everything else waits for it, so it is taken from the answer rather than from the watch.
            queues.Add(model.SetScheme(SchemeObjectReader.Read(written.Value.Span)));
            if (cluster.SchemeDeletions != deletions && !cluster.Schemes.Store.TryGet(new ObjectKey(decision.Scheme), out _))
                queues.Add(model.RemoveScheme(decision.Scheme));
            queues.Schemes.Add(decision.Scheme);
        }
        else
        {
            // Its events are the last that is heard of it.
            foreach (var happened in decision.Events)
            {
                record(new ObjectEvent(
                    new ObjectReference(OperatorKinds.Schemes, new ObjectKey(decision.Scheme), decision.Uid), happened.Type, happened.Reason, happened.Action, happened.Note));
            }
        }

        return ReconcileResult.Done;
    }

    private static ReconcileResult Failed(string scheme, string what, ApiFailure failure) =>
        ReconcileResult.Failed($"The {what} of the scheme {scheme} could not be written: {failure}", failure.RetryAfter);
}
