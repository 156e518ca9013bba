using Damon.Engine.Host;
using Damon.Engine.Monitoring;

namespace Damon.NodeAgent.Agent;

/// <summary>A process that is to be in the session.</summary>
/// <param name="Process">Which one.</param>
/// <param name="Container">Whose it is.</param>
/// <param name="Guard">Puts every guard in front of its actor.</param>
/// <param name="BudgetShare">The share of the budgets that the rails leave its pod now.</param>
internal sealed record DrivenTarget(ProcessIdentity Process, ServedContainer Container, Func<IMemoryActor, IMemoryActor> Guard, Func<double> BudgetShare)
{
    /// <summary>With which others it shares budgets and limits.</summary>
    public string Group => Container.Memory.PodUid;

    /// <summary>The group of its container, from which it may be reclaimed; null where only its processes are known.</summary>
    public ControlGroup? ReclaimFrom() => Container.Memory.Cgroup is { HasFigures: true } group ? new ControlGroup(group.Path, group.File) : null;
}
