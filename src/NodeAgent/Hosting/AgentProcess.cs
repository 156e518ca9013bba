using Damon.Engine.Regions;
using Damon.Hosting.Processes;
using Damon.Kubernetes.Events;
using Damon.Kubernetes.Informers;
using Damon.Kubernetes.Requests;
using Damon.Kubernetes.Timing;
using Damon.NodeAgent.Cluster;
using Damon.NodeAgent.Plans;

namespace Damon.NodeAgent.Hosting;

/// <summary>
/// Runs an agent: the loop on a thread of its own, and beside it what hears and speaks to the cluster. Ended in the order in which it matters: first the loop, which puts back what it can, then the
/// conversation, which may still tell of it.
/// </summary>
/// <param name="client">Sends the requests.</param>
/// <param name="nodeName">This node.</param>
/// <param name="body">The loop; not owned.</param>
/// <param name="log">The log.</param>
/// <param name="time">The clock.</param>
/// <param name="seed">Of all chance.</param>
internal sealed class AgentProcess(ApiClient client, string nodeName, IAgentBody body, JsonLog log, TimeProvider time, ulong seed)
{
    /// <summary>How long putting back may take. With <see cref="FarewellGrace"/> below the 30 s that a kubelet gives.</summary>
    internal static readonly TimeSpan UndoGrace = TimeSpan.FromSeconds(20);

    /// <summary>How long the last events may take.</summary>
    internal static readonly TimeSpan FarewellGrace = TimeSpan.FromSeconds(7);

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    /// <summary>Runs until asked to end, or something that must not end has.</summary>
    /// <param name="stop">Asks to end.</param>
    /// <returns>An exit code.</returns>
    public async Task<int> RunAsync(CancellationToken stop)
    {
        using var conversation = new CancellationTokenSource();
        using var loopStop = new CancellationTokenSource();
        var wakeup = new Wakeup(time);
        var feed = new ClusterFeed(client, nodeName, body.Sink, time, seed);
        var writer = new StatusWriter(
            new ServerSideApply(client, StatusWriter.FieldManager, new ServerSideApplyOptions(), time, seed + 10),
            nodeName,
            body.Report,
            () => feed.PlanUid,
            new SchemeStatusBook(time, new RandomSource(seed + 11)),
            log,
            time);
        var recorder = new EventRecorder(client, new EventRecorderOptions("damon.dev/agent", nodeName), time, seed + 12);
        var events = new RailEvents(recorder.Record, feed.FindPod, nodeName, () => feed.PlanUid);

        var loop = RunLoop(wakeup, loopStop.Token);
        var talks = new List<(string What, Task Task)>
        {
            ("hearing the cluster", feed.RunAsync(conversation.Token)),
            ("writing the status", writer.RunAsync(conversation.Token)),
            ("writing events", recorder.RunAsync(conversation.Token)),
        };
        log.Info($"The agent of the node {nodeName} has started.");

        var contacts = new ContactLog(log.Info, log.Warn);
        using (stop.Register(wakeup.Call))
        {
            while (!stop.IsCancellationRequested && !loop.IsCompleted && !talks.Exists(talk => talk.Task.IsCompleted))
            {
                events.Record(body.TakeTransitions());
                contacts.Look(feed.Health);
                await wakeup.WaitAsync(LookEvery, CancellationToken.None);
            }
        }

        var isAsked = stop.IsCancellationRequested;
        foreach (var (what, _) in talks.Where(talk => talk.Task.IsCompleted))
        {
            log.Error($"{what} has ended by itself");
        }

        log.Info(isAsked ? "Asked to end: what can be put back is put back." : "Ending: what can be put back is put back.");
        loopStop.Cancel();
        var isUndone = await EndsWithinAsync(loop, UndoGrace, "the loop");
        events.Record(body.TakeTransitions());
        conversation.Cancel();
        var haveEnded = true;
        foreach (var (what, task) in talks)
        {
            haveEnded &= await EndsWithinAsync(task, FarewellGrace, what);
        }

        log.Info("The agent has ended.");
        return isAsked && isUndone && haveEnded ? AgentExitCode.Ok : AgentExitCode.Failed;
    }

    private Task RunLoop(Wakeup wakeup, CancellationToken cancellation)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                body.Run(cancellation);
                ended.SetResult();
            }
            catch (Exception e)
            {
                ended.SetException(e);
            }

            wakeup.Call();
        })
        {
            // A call that the kernel does not come back from must not keep the process from ending.
            IsBackground = true,
            Name = "loop",
        };
        thread.Start();
        return ended.Task;
    }

    private async Task<bool> EndsWithinAsync(Task task, TimeSpan grace, string what)
    {
        try
        {
            await task.WaitAsync(grace, time);
            return true;
        }
        catch (TimeoutException)
        {
            log.Error($"{what} did not end within {grace.TotalSeconds} s");
        }
        catch (Exception e)
        {
            log.Unexpected($"{what} has ended by a fault", e);
        }

        return false;
    }
}
