namespace Damon.Testing.KernelDamon;

/// <summary>Which kernels a case is about, told by a file of a fresh context (with one target, one scheme and one filter) that is there, or is not.</summary>
/// <param name="File">The file, below the context; null for every kernel.</param>
/// <param name="IsThere">Whether it has to be there, or must not be.</param>
public readonly record struct DamonTreeNeeds(string? File, bool IsThere)
{
    /// <summary>Every kernel.</summary>
    public static DamonTreeNeeds Nothing { get; }

    /// <summary>Commands report how they ended. That came a version before goals for intervals, whose files are what can be seen.</summary>
    public static DamonTreeNeeds Replies { get; } = With("monitoring_attrs/intervals/intervals_goal/aggrs");

    /// <summary>Commands are requests, and their errors end the kdamond.</summary>
    public static DamonTreeNeeds NoReplies { get; } = Without("monitoring_attrs/intervals/intervals_goal/aggrs");

    /// <summary>Kernels with a file.</summary>
    public static DamonTreeNeeds With(string file) => new(file, IsThere: true);

    /// <summary>Kernels without a file.</summary>
    public static DamonTreeNeeds Without(string file) => new(file, IsThere: false);
}
