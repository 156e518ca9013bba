using Damon.Engine.Monitoring;

namespace Damon.Cli;

/// <summary>What the files allow and the engine cannot carry out, such as a million looks per aggregation.</summary>
internal static class PlanCheck
{
    /// <summary>Prints every error of a plan.</summary>
    /// <returns>Whether there is none.</returns>
    public static bool Pass(MonitoringPlan plan, TextWriter errors)
    {
        var found = plan.Check();
        foreach (var error in found)
        {
            errors.WriteLine(error);
        }

        return found.Count == 0;
    }
}
