using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Damon.Footprint.Nodes;

/// <summary>
/// Real processes that do nothing, whose pids the simulated node's processes bear: the agent opens a pidfd of each process that it follows, and with an invented pid it would get none, or a stranger's.
/// They end with this, and by themselves after a while should this be killed.
/// </summary>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "Children of the benchmark.")]
internal sealed class SleepingProcesses : IDisposable
{
    private readonly List<Process> _processes = [];

    /// <summary>Starts them.</summary>
    /// <param name="count">How many.</param>
    /// <param name="longest">When they end by themselves.</param>
    public SleepingProcesses(int count, TimeSpan longest)
    {
        var start = new ProcessStartInfo("sleep") { UseShellExecute = false, ArgumentList = { longest.TotalSeconds.ToString(CultureInfo.InvariantCulture) } };
        for (var i = 0; i < count; i++)
        {
            _processes.Add(Process.Start(start)!);
        }
    }

    /// <summary>Their pids.</summary>
    public IReadOnlyList<int> Pids => _processes.ConvertAll(process => process.Id);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var process in _processes)
        {
            process.Kill();
        }

        foreach (var process in _processes)
        {
            process.WaitForExit();
            process.Dispose();
        }
    }
}
