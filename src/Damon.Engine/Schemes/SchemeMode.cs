namespace Damon.Engine.Schemes;

/// <summary>Whether a scheme acts.</summary>
public enum SchemeMode
{
    /// <summary>Everything is sampled, matched, budgeted and counted; nothing is done.</summary>
    Observe,

    /// <summary>Matching memory is acted on.</summary>
    Enforce,
}
