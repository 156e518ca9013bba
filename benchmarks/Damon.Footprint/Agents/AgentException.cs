namespace Damon.Footprint.Agents;

/// <summary>The agent did not do what it must for being measured; the message says what, with its log.</summary>
/// <param name="message">For people.</param>
internal sealed class AgentException(string message) : Exception(message);
