using Damon.Workload.Runs;

namespace Damon.Workload.Tests.Runs;

/// <summary>Keeps all that a run tells.</summary>
internal sealed class RunRecorder : IRunObserver
{
    public List<RunStart> Starts { get; } = [];

    public List<Progress> Reports { get; } = [];

    public List<PhaseEnd> Phases { get; } = [];

    public List<RunEnd> Ends { get; } = [];

    public void OnStart(RunStart start) => Starts.Add(start);

    public void OnProgress(Progress progress) => Reports.Add(progress);

    public void OnPhaseEnd(PhaseEnd end) => Phases.Add(end);

    public void OnEnd(RunEnd end) => Ends.Add(end);
}
