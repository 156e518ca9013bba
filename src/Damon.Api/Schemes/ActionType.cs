namespace Damon.Api.Schemes;

/// <summary>What is done with memory that matches the pattern.</summary>
public enum ActionType
{
    /// <summary>Count only.</summary>
    Stat,

    /// <summary>Give the pages back to the system now.</summary>
    Pageout,

    /// <summary>Mark the pages as the first to be reclaimed under pressure.</summary>
    Cold,

    /// <summary>Read the pages in before they are needed.</summary>
    WillNeed,

    /// <summary>Make huge pages out of the small ones now.</summary>
    Collapse,

    /// <summary>Advise huge pages.</summary>
    HugePage,

    /// <summary>Advise against huge pages.</summary>
    NoHugePage,

    /// <summary>Move to the active end of the page lists.</summary>
    LruPrio,

    /// <summary>Move to the inactive end of the page lists.</summary>
    LruDeprio,

    /// <summary>Move hot pages to another memory node.</summary>
    MigrateHot,

    /// <summary>Move cold pages to another memory node.</summary>
    MigrateCold,

    /// <summary>Reclaim from the control group, at most as much as was found cold, whatever the addresses.</summary>
    Reclaim,
}
