namespace Damon.Lab.Guest.Running;

/// <summary>What whoever booted this machine says of it, from <c>kernels.ini</c>.</summary>
/// <param name="Kernel">The kernel's name there.</param>
/// <param name="Release">What <c>uname -r</c> should say.</param>
/// <param name="Has">Words for what is there; a known word that is missing promises absence.</param>
public sealed record MachinePromise(string Kernel, string Release, IReadOnlyCollection<string> Has)
{
    /// <summary>The module <c>damon_stat</c> is in the kernel.</summary>
    public const string DamonStat = "damon-stat";

    /// <summary>It runs from the start.</summary>
    public const string DamonStatOn = "damon-stat-on";

    /// <summary>The bitmap of idle pages.</summary>
    public const string IdlePage = "idle-page";

    /// <summary>All words there are.</summary>
    public static IReadOnlyList<string> Words { get; } = [DamonStat, DamonStatOn, IdlePage];
}
