using Damon.Hosting.Processes;

namespace Damon.NodeAgent.Tests.Cluster;

internal sealed class SilentLog : IProcessLog
{
    public List<string> Infos { get; } = [];

    public List<string> Warnings { get; } = [];

    public void Info(string message) => Infos.Add(message);

    public void Warn(string message) => Warnings.Add(message);
}
