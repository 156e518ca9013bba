using Damon.Kubernetes.Controllers;
using Damon.Kubernetes.Objects;
using Damon.Kubernetes.Requests;
using Damon.Operator.Cluster;
using Damon.Operator.Model;
using Damon.Operator.Nodes;

namespace Damon.Operator.Controllers;

/// <summary>Makes a node's plan as the model wants it: one write, and only where it is another.</summary>
/// <param name="model">Decides.</param>
/// <param name="cluster">What the server has.</param>
/// <param name="writer">Writes.</param>
/// <param name="reader">Reads the server's answers.</param>
/// <param name="queues">Take what follows.</param>
/// <param name="time">The clock.</param>
internal sealed class NodeReconciler(ClusterModel model, TermCluster cluster, ObjectWriter writer, DamonNodeRecordReader reader, TermQueues queues, TimeProvider time)
{
    /// <summary>Looks at one node.</summary>
    public async ValueTask<ReconcileResult> ReconcileAsync(string node, CancellationToken cancellation)
    {
        var decision = model.DecideNode(node, time.GetUtcNow());
        if (decision.Work != NodeWork.Nothing)
        {
            // Thousands of nodes may wait here, and what was decided before that is old by then.
            var ticket = await writer.WaitAsync(cancellation);
            decision = model.DecideNode(node, time.GetUtcNow());
            var failure = decision.Work switch
            {
                NodeWork.Apply => await ApplyAsync(ticket, decision, cancellation),
                NodeWork.Delete => await DeleteAsync(ticket, node, cancellation),
                _ => null,
            };
            if (failure is not null)
                return ReconcileResult.Failed($"The plan of the node {node} could not be written: {failure}", failure.RetryAfter);
        }

        return decision.LookAgainIn is { } after ? ReconcileResult.Again(after) : ReconcileResult.Done;
    }

    private async Task<ApiFailure?> ApplyAsync(long ticket, NodeDecision decision, CancellationToken cancellation)
    {
        var deletions = cluster.DamonNodeDeletions;
        var written = await writer.ApplyAsync(ticket, OperatorKinds.Nodes, decision.Node, decision.Apply, subresource: null, cancellation);
        if (!written.Succeeded)
            return written.Failure;
        queues.Add(model.NodeWritten(decision, reader.Read(written.Value.Span), time.GetUtcNow()));

        // The object may have been deleted since, and the watch have told it before the answer was read: then nobody would tell it again. If it is there after all the watch has yet to say so.
        if (cluster.DamonNodeDeletions != deletions && !cluster.DamonNodes.Store.TryGet(new ObjectKey(decision.Node), out _))
            queues.Add(model.RemoveDamonNode(decision.Node));
        return null;
    }

    private async Task<ApiFailure?> DeleteAsync(long ticket, string node, CancellationToken cancellation)
    {
        // Not there any more, or another one by now: the watch says so.
        if (!cluster.DamonNodes.Store.TryGet(new ObjectKey(node), out var found))
            return null;
        var deleted = await writer.DeleteAsync(ticket, OperatorKinds.Nodes, node, found.Header.Uid, cancellation);
        return deleted.Failure is null or { Kind: ApiFailureKind.NotFound or ApiFailureKind.Conflict } ? null : deleted.Failure;
    }
}
