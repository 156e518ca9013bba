namespace Damon.NodeAgent.Hosting;

/// <summary>What the agent's exit code means; part of its interface.</summary>
public static class AgentExitCode
{
    /// <summary>Ended as asked by SIGTERM or SIGINT; what could be put back was.</summary>
    public const int Ok = 0;

    /// <summary>Ended by a fault, or not done with putting back when its time was over. The next start puts back the rest.</summary>
    public const int Failed = 1;

    /// <summary>A flag, or what the connection to the API server is made of, is wrong; nothing was done.</summary>
    public const int BadInput = 2;

    /// <summary>This machine, or this build, cannot do what was asked; nothing was done.</summary>
    public const int Unsupported = 3;

    /// <summary>Ended at once by a second signal. The next start puts back what is owed.</summary>
    public const int Killed = 143;
}
