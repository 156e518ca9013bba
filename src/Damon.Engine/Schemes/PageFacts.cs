namespace Damon.Engine.Schemes;

/// <summary>What is known of one page, for filters to judge.</summary>
/// <param name="Known">Which of the other values say something.</param>
/// <param name="IsAnonymous">No file is behind it.</param>
/// <param name="IsActive">It is on an active list.</param>
/// <param name="IsYoung">It was accessed since the last look, or never looked at.</param>
/// <param name="FolioBytes">Size of the folio it belongs to.</param>
/// <param name="CgroupFilters">One bit for each filter, the lowest for the first: the page is charged to that filter's control group, or to one below it. Bits of other filters say nothing.</param>
public readonly record struct PageFacts(
    PageFactKinds Known, bool IsAnonymous = false, bool IsActive = false, bool IsYoung = false, ulong FolioBytes = 0, uint CgroupFilters = 0);
