using Damon.Api.Nodes;
using Damon.Hosting.Processes;
using Damon.Kubernetes.Objects;
using Damon.Kubernetes.Requests;
using Damon.Kubernetes.Timing;
using Damon.NodeAgent.Plans;

namespace Damon.NodeAgent.Cluster;

/// <summary>
/// Writes the node's status by the book's rules, one write at a time and beside the agent's loop, of which it sees finished reports alone. Where the node has no DamonNode there is nothing to write:
/// a status makes no object.
/// </summary>
/// <param name="apply">Sends.</param>
/// <param name="nodeName">This node.</param>
/// <param name="report">How the node is now; null before anything is known. Called from the writer's task.</param>
/// <param name="planUid">The uid of the object that there is; null where there is none.</param>
/// <param name="book">The rules; the writer's own.</param>
/// <param name="log">Where failures are told.</param>
/// <param name="time">The clock.</param>
internal sealed class StatusWriter(
    ServerSideApply apply, string nodeName, Func<NodeReport?> report, Func<string?> planUid, SchemeStatusBook book, IProcessLog log, TimeProvider time)
{
    /// <summary>The one name under which agents write.</summary>
    public const string FieldManager = "damon-agent";

    /// <summary>How often a report is taken: a trip is written at most so much later.</summary>
    internal static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly Wakeup _wakeup = new(time);
    private Task<ApiResult<ReadOnlyMemory<byte>>>? _inFlight;
    private string? _writtenUid;
    private bool _isFailing;
    private long _writes;
    private long _failures;

    /// <summary>Statuses written, and attempts given up, since the start. For any thread.</summary>
    public (long Written, long Failed) Counts => (Interlocked.Read(ref _writes), Interlocked.Read(ref _failures));

    /// <summary>Writes until cancelled.</summary>
    /// <param name="cancellation">Ends it, without an exception. A write that is under way is given up.</param>
    public async Task RunAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            if (_inFlight is { IsCompleted: true } done)
            {
                _inFlight = null;
                Take(await done);
            }

            Look(cancellation);
            await _wakeup.WaitAsync(LookEvery, cancellation);
        }

        try
        {
            await (_inFlight ?? Task.CompletedTask);
        }
        catch (OperationCanceledException)
        {
            // Given up.
        }
    }

    private void Look(CancellationToken cancellation)
    {
        if (report() is { } current)
        {
            book.Report(current);
        }

        if (_inFlight is not null || planUid() is not { } uid)
        {
            return;
        }

        // Another object of the name has no status yet, whatever was written to its predecessor.
        if (_writtenUid is not null && _writtenUid != uid)
        {
            book.ForgetWritten();
            _writtenUid = null;
        }

        if (book.TakeDue() is { } due)
        {
            _inFlight = SendAsync(due, cancellation);
        }
    }

    private async Task<ApiResult<ReadOnlyMemory<byte>>> SendAsync(DamonNodeStatus status, CancellationToken cancellation)
    {
        try
        {
            // Forced: this half of the object is the agent's alone, and what somebody wrote into it by hand is not true.
            return await apply.ApplyAsync(
                ClusterKinds.Nodes, new ObjectKey(nodeName), DamonNodeStatusWriter.WriteApply(nodeName, status), "status", force: true, cancellation);
        }
        finally
        {
            _wakeup.Call();
        }
    }

    private void Take(ApiResult<ReadOnlyMemory<byte>> result)
    {
        if (result.Succeeded)
        {
            // The answer says which object it was: it may have been made anew while the write was on its way.
            _writtenUid = UidOf(result.Value);
            book.Written();
            Interlocked.Increment(ref _writes);
            if (_isFailing)
            {
                log.Info("The node's status is written again.");
            }

            _isFailing = false;
            return;
        }

        book.Failed();
        Interlocked.Increment(ref _failures);
        if (!_isFailing)
        {
            log.Warn($"The node's status could not be written, and is tried again: {result.Failure}");
        }

        _isFailing = true;
    }

    private static string UidOf(ReadOnlyMemory<byte> json)
    {
        try
        {
            return ObjectHeader.Read(json.Span).Uid;
        }
        catch (System.Text.Json.JsonException)
        {
            // No object that is known has this uid, so it is written once more.
            return "";
        }
    }
}
