namespace Damon.Scale.Reports;

/// <summary>What a phase took and cost.</summary>
/// <param name="Name">The phase.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="OperatorWrites">What the operator wrote, by resource, as the API server saw it.</param>
/// <param name="OperatorReads">What it read otherwise, by verb and resource; lists by their first pages.</param>
/// <param name="OperatorRefused">Which of its requests were not answered with success, by verb, resource and code.</param>
/// <param name="AgentStatusWrites">Statuses of nodes that the server took.</param>
/// <param name="StorageRevisions">All changes that were stored, of whatever object.</param>
/// <param name="StorageBytes">Bytes from the API server to its storage.</param>
/// <param name="BytesUp">Bytes from the operator to the API server, with TLS.</param>
/// <param name="BytesDown">Bytes back.</param>
/// <param name="OperatorCpuSeconds">CPU time of the operator.</param>
/// <param name="ApiServerCpuSeconds">CPU time of the API server.</param>
/// <param name="DefinitionsCpuSeconds">CPU time of the server of our kinds behind it; 0 where it serves them itself.</param>
/// <param name="EtcdCpuSeconds">CPU time of its storage.</param>
/// <param name="SimulationCpuSeconds">CPU time of this program, which plays the agents.</param>
/// <param name="OperatorResidentBytes">The operator's memory at the end of the phase.</param>
/// <param name="OperatorPeakBytes">The most memory it has had until then.</param>
/// <param name="Reconciles">How often the operator looked at a key, by controller.</param>
/// <param name="ReconcileP50Seconds">Half of these took at most so long (a histogram's bound); null where there were none.</param>
/// <param name="ReconcileP99Seconds">The same for 99 of 100.</param>
/// <param name="Notes">Further figures of this phase.</param>
internal sealed record PhaseReport(
    string Name,
    double Seconds,
    IReadOnlyDictionary<string, int> OperatorWrites,
    IReadOnlyDictionary<string, int> OperatorReads,
    IReadOnlyDictionary<string, int> OperatorRefused,
    long AgentStatusWrites,
    long StorageRevisions,
    long StorageBytes,
    long BytesUp,
    long BytesDown,
    double OperatorCpuSeconds,
    double ApiServerCpuSeconds,
    double DefinitionsCpuSeconds,
    double EtcdCpuSeconds,
    double SimulationCpuSeconds,
    long OperatorResidentBytes,
    long OperatorPeakBytes,
    IReadOnlyDictionary<string, double> Reconciles,
    double? ReconcileP50Seconds,
    double? ReconcileP99Seconds,
    IReadOnlyDictionary<string, double> Notes)
{
    /// <summary>Writes of the operator a second.</summary>
    public double OperatorWritesPerSecond => OperatorWrites.Values.Sum() / Seconds;

    /// <summary>Changes that were stored a second.</summary>
    public double StorageRevisionsPerSecond => StorageRevisions / Seconds;

    /// <summary>Bytes that the operator sent a second.</summary>
    public double BytesUpPerSecond => BytesUp / Seconds;

    /// <summary>Bytes that it was sent a second.</summary>
    public double BytesDownPerSecond => BytesDown / Seconds;
}
