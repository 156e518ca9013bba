namespace Damon.Operator.Schemes;

/// <summary>In which form a node has a version.</summary>
/// <param name="Acts">Whether the node is admitted to it: it enforces, unless paused.</param>
/// <param name="IsPaused">Whether it is suspended.</param>
public readonly record struct VersionForm(bool Acts, bool IsPaused)
{
    /// <summary>The end of the hash of an entry in this form.</summary>
    public string Suffix => (Acts, IsPaused) switch
    {
        (true, false) => "e",
        (true, true) => "ep",
        (false, false) => "o",
        (false, true) => "op",
    };
}
