namespace Damon.Operator.Hosting;

/// <summary>What the operator's exit code means; part of its interface.</summary>
public static class OperatorExitCode
{
    /// <summary>Ended as asked by SIGTERM or SIGINT; the lease, where it was held, was given back.</summary>
    public const int Ok = 0;

    /// <summary>Ended by a fault, or not done with winding up when its time was over. Another operator takes over when the lease has ended.</summary>
    public const int Failed = 1;

    /// <summary>A flag, a file that it names, or what the connection to the API server is made of, is wrong; nothing was done.</summary>
    public const int BadInput = 2;

    /// <summary>Ended at once by a second signal. Another operator takes over when the lease has ended.</summary>
    public const int Killed = 143;
}
