using Damon.Engine.Schemes;

namespace Damon.Engine.Monitoring;

/// <summary>Reads what the goals of a quota measure, in the units of their targets.</summary>
internal static class GoalReader
{
    private const ulong Whole = FeedLoop.Goal;

    /// <summary>Reads every goal once.</summary>
    /// <param name="goals">Get their current values.</param>
    /// <param name="machine">The machine; null where the session was given none.</param>
    /// <param name="now">Time since the session began.</param>
    /// <param name="window">How long a quota window is: pressure is told per window, however long ago the last reading was.</param>
    /// <returns>What is not known and what stands in for it; empty where all is known.</returns>
    public static string Read(IReadOnlyList<QuotaGoalState> goals, ISystemMemory? machine, TimeSpan now, TimeSpan window)
    {
        var error = "";
        for (var i = 0; i < goals.Count; i++)
        {
            var goal = goals[i];
            if (goal.Goal.Metric != GoalMetric.SomeMemoryPressure)
            {
                // A difference across a time in which the goal was another one would be far too large.
                goal.PressureBefore = null;
            }

            var problem = goal.Goal.Metric switch
            {
                GoalMetric.UserInput => goal.Current is null ? "no value has been fed yet; the goal counts as just met" : "",
                _ when machine is null => Unknown(goal, "this session was given no machine to read"),
                GoalMetric.SomeMemoryPressure => ReadPressure(goal, machine, now, window),
                GoalMetric.NodeMemoryUsed or GoalMetric.NodeMemoryFree => ReadNode(goal, machine),
                GoalMetric.NodeCgroupUsed or GoalMetric.NodeCgroupFree => ReadCgroup(goal, machine),
                GoalMetric.ActiveMemory or GoalMetric.InactiveMemory => ReadLists(goal, machine),
                _ => Unknown(goal, "is not measured"),
            };
            if (problem.Length > 0 && error.Length == 0)
            {
                error = $"goals[{i}] {goal.Goal.Metric}: {problem}";
            }
        }

        return error;
    }

    private static string ReadPressure(QuotaGoalState goal, ISystemMemory machine, TimeSpan now, TimeSpan window)
    {
        if (!machine.TryReadPressure(out var stalled))
        {
            goal.PressureBefore = null;
            return Unknown(goal, machine.LastError);
        }

        var (before, since) = (goal.PressureBefore, now - goal.PressureReadAt);
        (goal.PressureBefore, goal.PressureReadAt) = (stalled, now);
        if (before is not { } start || since <= TimeSpan.Zero)
        {
            goal.Current = null;
            return "";
        }

        var waited = (UInt128)(ulong)Math.Max(0, (stalled - start).Ticks) / TimeSpan.TicksPerMicrosecond;
        goal.Current = (ulong)UInt128.Min(ulong.MaxValue, waited * (ulong)Math.Max(0, window.Ticks) / (ulong)since.Ticks);
        return "";
    }

    private static string ReadNode(QuotaGoalState goal, ISystemMemory machine)
    {
        var isUsed = goal.Goal.Metric == GoalMetric.NodeMemoryUsed;
        if (!machine.TryReadNode(goal.Goal.Node ?? -1, out var node) || node.TotalBytes == 0)
        {
            return NotThere(goal, isUsed, machine.LastError);
        }

        goal.Current = Share(isUsed ? Less(node.TotalBytes, node.FreeBytes) : node.FreeBytes, node.TotalBytes);
        return "";
    }

    private static string ReadCgroup(QuotaGoalState goal, ISystemMemory machine)
    {
        var isUsed = goal.Goal.Metric == GoalMetric.NodeCgroupUsed;
        var number = goal.Goal.Node ?? -1;
        if (!machine.TryReadNode(number, out var node) || node.TotalBytes == 0 || !machine.TryReadCgroup(goal.Goal.Cgroup ?? "", number, out var usedBytes))
        {
            return NotThere(goal, isUsed, machine.LastError);
        }

        goal.Current = Share(isUsed ? usedBytes : Less(node.TotalBytes, usedBytes), node.TotalBytes);
        return "";
    }

    private static string ReadLists(QuotaGoalState goal, ISystemMemory machine)
    {
        if (!machine.TryReadMachine(out var memory))
        {
            return Unknown(goal, machine.LastError);
        }

        var part = goal.Goal.Metric == GoalMetric.ActiveMemory ? memory.ActiveBytes : memory.InactiveBytes;
        var all = (UInt128)memory.ActiveBytes + memory.InactiveBytes;
        goal.Current = all == 0 ? 0 : (ulong)((UInt128)part * Whole / all);
        return "";
    }

    private static string Unknown(QuotaGoalState goal, string why)
    {
        goal.Current = null;
        return $"{why}; the goal counts as just met";
    }

    /// <summary>A node or a control group that is not there has nothing used and all free, as DAMON takes it.</summary>
    private static string NotThere(QuotaGoalState goal, bool isUsed, string why)
    {
        goal.Current = isUsed ? 0 : Whole;
        return $"{(why.Length > 0 ? why : "no memory there")}; it counts as {(isUsed ? "0 % used" : "100 % free")}";
    }

    private static ulong Less(ulong all, ulong part) => all > part ? all - part : 0;

    private static ulong Share(ulong part, ulong whole) => part >= whole ? Whole : (ulong)((UInt128)part * Whole / whole);
}
