namespace Damon.NodeAgent.Agent;

/// <summary>What comes to the agent's loop from elsewhere: the latest values, in place of those that were not taken yet. Safe for all threads.</summary>
internal interface IAgentInputs
{
    /// <summary>Whether nothing may be done any more, as heard last. Asked before each action, whatever the loop is busy with, so it must cost nothing.</summary>
    bool IsOff { get; }

    /// <summary>Set when there is news, or somebody has called <see cref="Wake"/>.</summary>
    WaitHandle Changed { get; }

    /// <summary>Wakes the loop.</summary>
    void Wake();

    /// <summary>What is new since the last call.</summary>
    AgentNews Take();
}
