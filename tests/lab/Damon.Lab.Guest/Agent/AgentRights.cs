using Damon.Engine.Machine;
using Damon.Lab.Guest.Privileges;

namespace Damon.Lab.Guest.Agent;

/// <summary>What the agent's container is given.</summary>
/// <param name="Capabilities">Of root; all others are gone for good.</param>
internal sealed record AgentRights(ProcessCapabilities Capabilities)
{
    /// <summary>Calls that are taken out of the shipped seccomp profile.</summary>
    public IReadOnlyList<string> WithoutCalls { get; init; } = [];

    /// <summary>Whether its first call that the profile does not allow ends it, instead of failing.</summary>
    public bool EndsOnRefusal { get; init; }

    /// <summary>Whether control groups are mounted read-only.</summary>
    public bool GroupsAreReadOnly { get; init; }

    /// <summary>What docs/privileges.md gives: all but the frame numbers where the kernel senses.</summary>
    public static AgentRights ToAct(string backend) => new(backend == "Kernel" ? PrivilegeTable.DocumentedForKernelBackend : PrivilegeTable.Documented);

    /// <summary>What docs/privileges.md gives to an agent that only observes.</summary>
    public static AgentRights ToObserve(string backend) =>
        new(backend == "Kernel" ? PrivilegeTable.DocumentedForObserving : PrivilegeTable.DocumentedForObserving | ProcessCapabilities.SysAdmin) { GroupsAreReadOnly = true };
}
