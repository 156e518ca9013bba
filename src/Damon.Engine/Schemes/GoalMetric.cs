namespace Damon.Engine.Schemes;

/// <summary>What a goal of a quota measures.</summary>
public enum GoalMetric
{
    /// <summary>A number that the caller feeds in.</summary>
    UserInput,

    /// <summary>Microseconds per quota window in which at least one task of the machine waited for memory.</summary>
    SomeMemoryPressure,

    /// <summary>Used share of a memory node, in ten-thousandths.</summary>
    NodeMemoryUsed,

    /// <summary>Free share of a memory node, in ten-thousandths.</summary>
    NodeMemoryFree,

    /// <summary>Share of a memory node that a control group uses, in ten-thousandths.</summary>
    NodeCgroupUsed,

    /// <summary>Share of a memory node that a control group does not use, in ten-thousandths.</summary>
    NodeCgroupFree,

    /// <summary>Active share of the machine's active and inactive memory, in ten-thousandths.</summary>
    ActiveMemory,

    /// <summary>Inactive share of the machine's active and inactive memory, in ten-thousandths.</summary>
    InactiveMemory,

    /// <summary>Share of the matching memory that lies on a memory node. Needs to know where pages lie, which this engine does not see: refused.</summary>
    NodeEligibleMemory,
}
