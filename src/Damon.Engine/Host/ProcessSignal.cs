namespace Damon.Engine.Host;

/// <summary>The signals that this product sends, and only to processes that it started.</summary>
public enum ProcessSignal
{
    /// <summary>SIGKILL: ends at once.</summary>
    Kill = 9,

    /// <summary>SIGTERM: asks to end.</summary>
    Terminate = 15,
}
