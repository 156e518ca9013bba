namespace Damon.Operator.Nodes;

/// <summary>Reads agents' pods from the API server's JSON.</summary>
/// <param name="texts">Texts that repeat.</param>
public sealed class AgentPodReader(TextPool texts)
{
    /// <summary>Reads one; serves as the decoder of an informer.</summary>
    /// <param name="utf8">The object.</param>
    public AgentPodFacts Read(ReadOnlySpan<byte> utf8) => throw new NotImplementedException();
}
