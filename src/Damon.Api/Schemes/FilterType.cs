namespace Damon.Api.Schemes;

/// <summary>What a filter looks at in a page.</summary>
public enum FilterType
{
    /// <summary>No file is behind it.</summary>
    Anonymous,

    /// <summary>It is on an active list.</summary>
    Active,

    /// <summary>It was accessed since the last look.</summary>
    Young,

    /// <summary>It is part of a huge page whose size lies between the filter's bounds.</summary>
    HugePageSize,

    /// <summary>No process maps it.</summary>
    Unmapped,
}
