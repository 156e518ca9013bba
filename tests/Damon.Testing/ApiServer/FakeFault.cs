namespace Damon.Testing.ApiServer;

/// <summary>What goes wrong with one request.</summary>
public sealed record FakeFault
{
    private FakeFault()
    {
    }

    /// <summary>The connection cannot be made.</summary>
    public static FakeFault Unreachable { get; } = new() { IsUnreachable = true };

    /// <summary>No answer ever comes.</summary>
    public static FakeFault Hangs { get; } = new() { Hang = true };

    /// <summary>The request is carried out, and the answer is lost.</summary>
    public static FakeFault AnswerLost { get; } = new() { LosesAnswer = true };

    /// <summary>The answer's body breaks off in its middle.</summary>
    public static FakeFault CutOff { get; } = new() { CutsBody = true };

    /// <summary>The server has not seen the version asked for.</summary>
    public static FakeFault VersionAhead { get; } = new() { Code = 504, Reason = "Timeout", Causes = ["ResourceVersionTooLarge"] };

    public bool IsUnreachable { get; private init; }

    public IReadOnlyList<string> Causes { get; private init; } = [];

    public bool Hang { get; private init; }

    public bool LosesAnswer { get; private init; }

    public bool CutsBody { get; private init; }

    public TimeSpan Delay { get; private init; }

    public int Code { get; private init; }

    public string Reason { get; private init; } = "";

    public TimeSpan? RetryAfter { get; private init; }

    /// <summary>The server answers with a failure, and does nothing.</summary>
    public static FakeFault Answers(int code, string reason, TimeSpan? retryAfter = null) => new() { Code = code, Reason = reason, RetryAfter = retryAfter };

    /// <summary>The answer takes so long.</summary>
    public static FakeFault Slow(TimeSpan delay) => new() { Delay = delay };
}
