using Damon.Engine.Schemes;

namespace Damon.Engine.Machine;

/// <summary>
/// Which advice process_madvise(2) takes for other processes. No file tells, and the version is a guess: distributions take over parts of newer kernels and leave out parts of their own. So the kernel is
/// asked (<see cref="ProcessAdviceProbe"/>).
/// </summary>
public sealed record ProcessAdvice
{
    /// <summary>Nobody has asked.</summary>
    public static ProcessAdvice NotAsked { get; } = new() { Problem = "nobody has asked" };

    /// <summary>MADV_PAGEOUT.</summary>
    public AdviceAnswer Pageout { get; init; }

    /// <summary>MADV_COLD.</summary>
    public AdviceAnswer Cold { get; init; }

    /// <summary>MADV_WILLNEED.</summary>
    public AdviceAnswer WillNeed { get; init; }

    /// <summary>MADV_COLLAPSE.</summary>
    public AdviceAnswer Collapse { get; init; }

    /// <summary>MADV_HUGEPAGE.</summary>
    public AdviceAnswer HugePage { get; init; }

    /// <summary>MADV_NOHUGEPAGE.</summary>
    public AdviceAnswer NoHugePage { get; init; }

    /// <summary>Why it is not known, for people; empty where it is.</summary>
    public string Problem { get; init; } = "";

    /// <summary>Whether the kernel was asked and has answered.</summary>
    public bool IsKnown => Problem.Length == 0;

    /// <summary>The answers in a sentence.</summary>
    public string Message =>
        !IsKnown ? $"What process_madvise takes for other processes was not found out ({Problem}); the kernel's version stands in for it."
        : Named(AdviceAnswer.Accepted).Length == 0 ? "process_madvise, asked, takes no advice for other processes."
        : $"process_madvise, asked, takes {Named(AdviceAnswer.Accepted)} for other processes"
            + $"{(Named(AdviceAnswer.Refused) is { Length: > 0 } refused ? $" and refuses {refused}" : "")}{(Named(AdviceAnswer.NotBuiltIn) is { Length: > 0 } missing ? $"; not built in: {missing}" : "")}.";

    /// <summary>The answer about an action's advice; unknown for actions that are none.</summary>
    /// <param name="action">The action.</param>
    public AdviceAnswer Of(SchemeAction action) => action switch
    {
        SchemeAction.Pageout => Pageout,
        SchemeAction.Cold => Cold,
        SchemeAction.WillNeed => WillNeed,
        SchemeAction.Collapse => Collapse,
        SchemeAction.HugePage => HugePage,
        SchemeAction.NoHugePage => NoHugePage,
        _ => AdviceAnswer.Unknown,
    };

    private string Named(AdviceAnswer answer) => string.Join(", ", Enum.GetValues<SchemeAction>().Where(action => Of(action) == answer && answer != AdviceAnswer.Unknown));
}
