namespace Damon.NodeAgent.Http;

/// <summary>What a client gets.</summary>
/// <param name="Status">HTTP's status code.</param>
/// <param name="ContentType">What the body is.</param>
/// <param name="Body">The body.</param>
/// <param name="RetryAfterSeconds">When asking again makes sense; 0 where nothing is said of that.</param>
internal sealed record AgentPage(int Status, string ContentType, byte[] Body, int RetryAfterSeconds = 0);
