namespace Damon.Engine.Schemes;

/// <summary>Which facts of a page are known, or needed to judge it.</summary>
[Flags]
public enum PageFactKinds
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Whether a file is behind it.</summary>
    Anonymous = 1,

    /// <summary>Whether it is on an active list.</summary>
    Active = 2,

    /// <summary>Whether it was accessed since the last look.</summary>
    Young = 4,

    /// <summary>How large its folio is.</summary>
    FolioSize = 8,

    /// <summary>In which control groups it is.</summary>
    Cgroup = 16,
}
