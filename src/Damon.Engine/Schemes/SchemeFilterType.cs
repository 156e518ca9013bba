namespace Damon.Engine.Schemes;

/// <summary>
/// What a filter looks at. Two layers, as in DAMON: <see cref="Address"/> and <see cref="Target"/> are about whole regions and are asked first; the others are about
/// single pages and are asked where the memory is looked at.
/// </summary>
public enum SchemeFilterType
{
    /// <summary>Page: no file is behind it. Memory shared between processes, which a file of its own kind is behind, is not anonymous.</summary>
    Anonymous,

    /// <summary>Page: on an active list.</summary>
    Active,

    /// <summary>
    /// Page: accessed since the last look, or never looked at. A look is one of the idle-page probe or one of the scheme itself; pages that a look has found young count as old from then on.
    /// </summary>
    Young,

    /// <summary>Page: part of a folio whose size lies in a closed range. A small page is a folio of one page.</summary>
    HugePageSize,

    /// <summary>Page: no process maps it. Never true here: pages are found through a process that maps them.</summary>
    Unmapped,

    /// <summary>Page: charged to a control group or to one below it.</summary>
    Cgroup,

    /// <summary>Region: in a range of addresses. A region that is only partly in it is cut at its border.</summary>
    Address,

    /// <summary>Region: of one of the session's targets.</summary>
    Target,
}
