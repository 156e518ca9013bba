using Damon.NodeAgent.Standalone;

namespace Damon.Cli.Run;

/// <summary>Shows a run as it goes on, and its end.</summary>
internal interface IRunView : IRunObserver
{
    /// <summary>Runs inside whatever the view needs around it.</summary>
    RunEnd Show(Func<RunEnd> run);

    /// <summary>Shows the summary.</summary>
    void OnEnded(StandaloneRun run, string end);
}
