namespace Damon.Engine.Schemes;

/// <summary>How a quota follows its goals.</summary>
public enum QuotaTuner
{
    /// <summary>Steers the size to where the goals are just met, and keeps it there.</summary>
    Consistent,

    /// <summary>All that the other limits allow until the goals are met, then nothing.</summary>
    Temporal,
}
