namespace Damon.NodeAgent.Standalone;

/// <summary>Sees a standalone run, on its thread.</summary>
public interface IRunObserver
{
    /// <summary>The targets were found and sampling begins.</summary>
    /// <param name="run">The run.</param>
    void OnStarted(StandaloneRun run);

    /// <summary>An aggregation is complete and the schemes that were due have been applied.</summary>
    /// <param name="run">The run.</param>
    void OnAggregated(StandaloneRun run);

    /// <summary>Something has happened that people should know, such as that the kernel has begun anew.</summary>
    /// <param name="run">The run.</param>
    /// <param name="notice">What.</param>
    void OnNotice(StandaloneRun run, string notice)
    {
    }
}
