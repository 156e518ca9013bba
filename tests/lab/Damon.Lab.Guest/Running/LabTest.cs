namespace Damon.Lab.Guest.Running;

/// <summary>A test that runs inside.</summary>
/// <param name="Name">The law it checks, with underscores.</param>
/// <param name="Set">The smallest run it belongs to.</param>
/// <param name="Body">Throws where the law does not hold.</param>
public sealed record LabTest(string Name, LabSet Set, Func<LabContext, Task> Body)
{
    /// <summary>Why it cannot run on a machine; nothing where it can.</summary>
    public Func<LabMachine, string?> SkipReason { get; init; } = static _ => null;

    /// <summary>The longest it may take, in the emulated machine's time.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(2);

    public override string ToString() => Name;
}
