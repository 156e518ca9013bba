using Damon.Engine.Host;
using Damon.Engine.Monitoring;
using Damon.Engine.Schemes;

namespace Damon.NodeAgent.Agent;

/// <summary>A node's one session with what senses for it. Everything happens in calls of the loop; none of them waits.</summary>
internal abstract class SessionDriver : IDisposable
{
    /// <summary>The session. Its targets come and go through the driver.</summary>
    public abstract MonitoringSession Session { get; }

    /// <summary>Why it cannot sense any more, for people; empty where it can. Then it is to be disposed.</summary>
    public virtual string Failure => "";

    /// <summary>Why it does not sense for now, for people, and empty where it has only not begun yet; null where it senses.</summary>
    public virtual string? WaitsFor => null;

    /// <summary>Looks at memory so far.</summary>
    public abstract ulong Probes { get; }

    /// <summary>What one look costs, as measured; nothing before it was.</summary>
    public virtual TimeSpan? ProbeCost => null;

    /// <summary>The sample interval that the ceilings ask for.</summary>
    public TimeSpan WantedSample { get; set; }

    /// <summary>Takes a process in.</summary>
    /// <returns>Why it cannot be.</returns>
    public abstract HostError? Add(DrivenTarget target);

    /// <summary>Whether a process is in it, or about to be.</summary>
    public abstract bool Has(ProcessIdentity process);

    /// <summary>Takes a process out; an unknown one is ignored.</summary>
    public abstract void Remove(ProcessIdentity process, string reason);

    /// <summary>Puts another plan in force at once.</summary>
    /// <returns>What is wrong with it; empty when it is in force.</returns>
    public abstract IReadOnlyList<PlanError> Commit(MonitoringPlan plan);

    /// <summary>Does what is due.</summary>
    /// <returns>Until when nothing is.</returns>
    public abstract TimeSpan Turn();

    /// <summary>Moves the processes that ended by themselves or could not be looked at to a list, with the reason of those that could not.</summary>
    public abstract void TakeEnded(ICollection<EndedProcess> ended);

    /// <inheritdoc/>
    public abstract void Dispose();

    /// <summary>Gives a target that has just been added the share of the budgets that the rails leave its pod now: where no other of the pod is in the session, it cannot know.</summary>
    protected void Budget(DrivenTarget target)
    {
        if (target.BudgetShare() is var share && share < 1)
        {
            Session.SetBudgetShare(target.Group, share);
        }
    }
}
