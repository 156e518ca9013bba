namespace Damon.Workload.Runs;

/// <summary>Is told what a run does, on the run's own thread: what it takes is missing from the accesses.</summary>
internal interface IRunObserver
{
    void OnStart(RunStart start);

    void OnProgress(Progress progress);

    void OnPhaseEnd(PhaseEnd end);

    void OnEnd(RunEnd end);
}
