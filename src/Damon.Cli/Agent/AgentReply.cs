namespace Damon.Cli.Agent;

/// <summary>What came back from an agent.</summary>
/// <param name="Status">HTTP's status code; 0 where nothing came.</param>
/// <param name="Body">The body.</param>
/// <param name="Failure">Why nothing came, with what would help; empty where something did.</param>
internal readonly record struct AgentReply(int Status, byte[] Body, string Failure);
