namespace Damon.Api.Schemes;

/// <summary>What a goal of the quota measures.</summary>
public enum GoalMetric
{
    /// <summary>A number that the user feeds in; a whole number.</summary>
    UserInput,

    /// <summary>Time in which some task waited for memory, per quota interval; a duration.</summary>
    SomeMemoryPressure,

    /// <summary>Used share of a memory node.</summary>
    NodeMemoryUsed,

    /// <summary>Free share of a memory node.</summary>
    NodeMemoryFree,

    /// <summary>Share of a memory node that the target's control group uses.</summary>
    NodeCgroupUsed,

    /// <summary>Share of a memory node that the target's control group does not use.</summary>
    NodeCgroupFree,

    /// <summary>Active share of the active and inactive memory.</summary>
    ActiveMemory,

    /// <summary>Inactive share of the active and inactive memory.</summary>
    InactiveMemory,

    /// <summary>Share of the memory matching the scheme that lies on a memory node.</summary>
    NodeEligibleMemory,
}
