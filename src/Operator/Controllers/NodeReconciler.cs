using Damon.Kubernetes.Controllers;
using Damon.Kubernetes.Informers;
using Damon.Kubernetes.Objects;
using Damon.Kubernetes.Requests;
using Damon.Operator.Cluster;
using Damon.Operator.Model;
using Damon.Operator.Nodes;
using Damon.Operator.Plans;

namespace Damon.Operator.Controllers;

/// <summary>Makes a node's plan as the model wants it: one write, and only where it is another.</summary>
/// <param name="model">Decides.</param>
/// <param name="cluster">What the server has.</param>
/// <param name="writer">Writes.</param>
/// <param name="reader">Reads the server's answers.</param>
/// <param name="queues">Take what follows.</param>
/// <param name="echoPace">How long echoes wait.</param>
/// <param name="time">The clock.</param>
internal sealed class NodeReconciler(ClusterModel model, TermCluster cluster, ObjectWriter writer, DamonNodeRecordReader reader, TermQueues queues, EchoPace echoPace, TimeProvider time)
{
    /// <summary>Looks at one node.</summary>
    public async ValueTask<ReconcileResult> ReconcileAsync(string node, CancellationToken cancellation)
    {
        var work = Decide(node, echoAfterSeconds: 0).Work;
        echoPace.Looked(queues.Nodes.State.Ready, isWritten: work == NodeWork.Apply);
        if (work == NodeWork.Nothing)
            return ReconcileResult.Done;

        // Thousands of nodes may wait here, and what was decided before that is old by then.
        var ticket = await writer.WaitAsync(cancellation);
        var decision = Decide(node, echoPace.Seconds);
        var failure = decision.Work switch
        {
            NodeWork.Apply => await ApplyAsync(ticket, decision, cancellation),
            NodeWork.Delete => await DeleteAsync(ticket, decision, cancellation),
            _ => null,
        };
        return failure is null ? ReconcileResult.Done : ReconcileResult.Failed($"The plan of the node {node} could not be written: {failure}", failure.RetryAfter);
    }

    /// <summary>Which schemes fit into the plan is told by the decision alone, whatever becomes of its write.</summary>
    private NodeDecision Decide(string node, int echoAfterSeconds)
    {
        var decision = model.DecideNode(node, time.GetUtcNow(), echoAfterSeconds);
        queues.Add(new Wake([], decision.Schemes));
        return decision;
    }

    private async Task<ApiFailure?> ApplyAsync(long ticket, NodeDecision decision, CancellationToken cancellation)
    {
        var key = new ObjectKey(decision.Node);
        var deletions = cluster.DamonNodeDeletions;
        var written = await writer.ApplyAsync(ticket, OperatorKinds.Nodes, decision.Node, decision.Apply, subresource: null, cancellation);
        if (!written.Succeeded)
            return written.Failure;
        queues.Add(model.NodeWritten(decision, reader.Read(written.Value.Span), time.GetUtcNow()));

        // The watch may have told more before the answer was read: an echo, or that the object is gone. Nobody would tell it again. What is older than the answer has a smaller generation, and the model passes over it.
        // Until what was told last is what the store has: a change that comes after that is told by the watch.
        StoredObject<DamonNodeRecord>? told = null;
        while (cluster.DamonNodes.Store.TryGet(key, out var current) && current != told)
        {
            queues.Add(model.SetDamonNode(current.Value, time.GetUtcNow()));
            told = current;
        }

        // If it is there after all, made anew by this very write, the watch has yet to say so.
        if (told is null && cluster.DamonNodeDeletions != deletions)
            queues.Add(model.RemoveDamonNode(decision.Node, time.GetUtcNow()));
        return null;
    }

    private async Task<ApiFailure?> DeleteAsync(long ticket, NodeDecision decision, CancellationToken cancellation)
    {
        var deleted = await writer.DeleteAsync(ticket, OperatorKinds.Nodes, decision.Node, decision.Uid, cancellation);

        // Another one by now: the watch says so. One that is not found is decided about anew: its kind may be unknown for a while.
        return deleted.Failure is { Kind: ApiFailureKind.Conflict } ? null : deleted.Failure;
    }
}
