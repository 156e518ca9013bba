namespace Damon.NodeAgent.Agent;

/// <summary>Where the loop tells what people should know of it.</summary>
internal interface IAgentLog
{
    /// <summary>Something happened.</summary>
    void Info(string message);

    /// <summary>A bug: an exception that nothing expects. It is counted, and whatever it was about is isolated.</summary>
    void Unexpected(string what, Exception exception);
}
