namespace Damon.Footprint.Nodes;

/// <summary>How memory is accessed.</summary>
internal enum StripeKind
{
    /// <summary>All the time.</summary>
    Hot,

    /// <summary>Now and then.</summary>
    Warm,

    /// <summary>Never.</summary>
    Cold,
}
