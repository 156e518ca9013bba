namespace Damon.Footprint.Agents;

/// <summary>What an agent tells of a scheme.</summary>
/// <param name="Name">Its name.</param>
/// <param name="State">Its state.</param>
/// <param name="Reason">Why; empty where the state says it all.</param>
/// <param name="Containers">Containers that it is for.</param>
/// <param name="MatchedBytes">Memory that matches now.</param>
/// <param name="DetectionLatency">How long it takes at the most until memory that turns cold is acted on.</param>
internal sealed record SchemeTold(string Name, string State, string Reason, int Containers, ulong MatchedBytes, TimeSpan? DetectionLatency);
