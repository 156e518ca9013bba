using Damon.Demo.Children;
using Damon.Demo.Measures;
using Damon.Demo.Reports;
using Damon.Engine.Host;
using Damon.Engine.Machine;

namespace Damon.Demo.Acts;

/// <summary>What every act is given.</summary>
/// <param name="Programs">The programs it starts.</param>
/// <param name="Host">Where /proc is.</param>
/// <param name="Facts">What the machine has.</param>
/// <param name="Time">The clock.</param>
/// <param name="Report">Where it narrates.</param>
/// <param name="Directory">Where the workload makes its files; nothing for the workload's own choice.</param>
/// <param name="Backend">How the engine senses where an act leaves it open.</param>
internal sealed record Stage(
    BuiltPrograms Programs, HostRoot Host, MachineFacts Facts, TimeProvider Time, Report Report, string? Directory, MonitoringBackend Backend)
{
    public ProcessObserver Observer { get; } = new(Host);

    /// <summary>The engine's command line for the demonstration's scheme.</summary>
    public EngineCommand Engine(MonitoringBackend backend, string mode, int processId, TimeSpan duration) =>
        new(backend, mode, processId, duration, AcceptsUnmeasurableRails: !Facts.HasMemoryPressure);
}
