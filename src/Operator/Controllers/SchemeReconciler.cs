using Damon.Kubernetes.Controllers;
using Damon.Kubernetes.Events;
using Damon.Kubernetes.Objects;
using Damon.Kubernetes.Requests;
using Damon.Operator.Cluster;
using Damon.Operator.Model;

namespace Damon.Operator.Controllers;

/// <summary>Writes what the model decides of a scheme: its finalizer, its status, and then, when that is stored, its events and what nodes are to know of it.</summary>
/// <param name="model">Decides.</param>
/// <param name="writer">Writes.</param>
/// <param name="record">Takes events; never waits.</param>
/// <param name="queues">Take what follows.</param>
/// <param name="time">The clock.</param>
internal sealed class SchemeReconciler(ClusterModel model, ObjectWriter writer, Action<ObjectEvent> record, TermQueues queues, TimeProvider time)
{
    /// <summary>Looks at one scheme.</summary>
    public async ValueTask<ReconcileResult> ReconcileAsync(string scheme, CancellationToken cancellation)
    {
        queues.Looking(scheme);
        var decision = model.DecideScheme(scheme, time.GetUtcNow());
        if (decision.Uid.Length == 0)
            queues.Forget(scheme);
        var version = "";
        if (decision.Finalizer != FinalizerWork.Nothing)
        {
            // What follows is decided when the watch has told of it.
            var ticket = await writer.WaitAsync(cancellation);
            var written = await writer.MergeAsync(ticket, OperatorKinds.Schemes, scheme, decision.FinalizerPatch, cancellation);
            if (written.Failure is { } failure)
                return Failed(scheme, "finalizer", failure);
        }
        else if (!decision.StatusApply.IsEmpty)
        {
            var ticket = await writer.WaitAsync(cancellation);
            var written = await writer.ApplyAsync(ticket, OperatorKinds.Schemes, scheme, decision.StatusApply, "status", cancellation);
            if (written.Failure is { } failure)
                return Failed(scheme, "status", failure);
            version = ObjectHeader.Read(written.Value.Span).ResourceVersion;
        }

        queues.Add(model.SchemeWritten(decision, version.Length > 0 ? version : null));
        foreach (var happened in decision.Events)
        {
            record(new ObjectEvent(
                new ObjectReference(OperatorKinds.Schemes, new ObjectKey(scheme), decision.Uid), happened.Type, happened.Reason, happened.Action, happened.Note));
        }

        // A time that is over already is no reason to look without a pause.
        return decision.LookAgainIn is not { } after ? ReconcileResult.Done : ReconcileResult.Again(after > TermQueues.SchemePace ? after : TermQueues.SchemePace);
    }

    /// <summary>Also of one that is not found: it may be there and its kind unknown for a while. One that is gone is decided to be well when it is tried again.</summary>
    private static ReconcileResult Failed(string scheme, string what, ApiFailure failure) =>
        ReconcileResult.Failed($"The {what} of the scheme {scheme} could not be written: {failure}", failure.RetryAfter);
}
