namespace Damon.Api.Schemes;

/// <summary>How a quota follows its goals.</summary>
public enum QuotaTuner
{
    /// <summary>Steers the quota to where the goals are just met, and keeps it there.</summary>
    Consistent,

    /// <summary>Full quota until the goals are met, then none.</summary>
    Temporal,
}
