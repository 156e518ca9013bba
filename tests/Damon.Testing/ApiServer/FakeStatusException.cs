namespace Damon.Testing.ApiServer;

/// <summary>A request that the fake server answers with a failure.</summary>
internal sealed class FakeStatusException(int code, string reason, string message, IReadOnlyList<string>? causes = null) : Exception(message)
{
    public int Code => code;

    public string Reason => reason;

    public IReadOnlyList<string> Causes => causes ?? [];
}
