using Damon.Demo.Verdicts;

namespace Damon.Demo.Acts;

/// <summary>What came of an act.</summary>
internal sealed class ActEnd
{
    private readonly List<Check> _checks = [];
    private readonly List<(string What, string Why)> _notRun = [];

    public IReadOnlyList<Check> Checks => _checks;

    /// <summary>Parts that this machine or this user cannot run, and why.</summary>
    public IReadOnlyList<(string What, string Why)> NotRun => _notRun;

    /// <summary>Something that should have worked did not; nothing where all did.</summary>
    public string? Failure { get; private set; }

    public void Add(params ReadOnlySpan<Check> checks) => _checks.AddRange(checks);

    public ActEnd Cannot(string what, string why)
    {
        _notRun.Add((what, why));
        return this;
    }

    public ActEnd Fail(string failure)
    {
        Failure = failure;
        return this;
    }
}
