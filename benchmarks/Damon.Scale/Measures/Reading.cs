using Damon.Testing.ControlPlane.Servers;

namespace Damon.Scale.Measures;

/// <summary>All counters at one moment: two of them make a phase.</summary>
/// <param name="At">When, of the clock.</param>
/// <param name="Operator">What the operator has cost.</param>
/// <param name="ApiServerCpu">CPU time of the API server.</param>
/// <param name="DefinitionsCpu">CPU time of the server of our kinds behind it; zero where it serves them itself.</param>
/// <param name="EtcdCpu">CPU time of their storage.</param>
/// <param name="SimulationCpu">CPU time of this process.</param>
/// <param name="BytesUp">Bytes from the operator.</param>
/// <param name="BytesDown">Bytes to it.</param>
/// <param name="Revision">Changes that were ever stored.</param>
/// <param name="StorageBytes">Bytes to the storage.</param>
/// <param name="AgentWrites">Statuses of nodes.</param>
/// <param name="Metrics">The operator's metrics.</param>
internal sealed record Reading(
    long At, ProcessFigures Operator, TimeSpan ApiServerCpu, TimeSpan DefinitionsCpu, TimeSpan EtcdCpu, TimeSpan SimulationCpu, long BytesUp, long BytesDown, long Revision, long StorageBytes, long AgentWrites, string Metrics);
