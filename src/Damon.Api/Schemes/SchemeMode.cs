namespace Damon.Api.Schemes;

/// <summary>How far a scheme goes.</summary>
public enum SchemeMode
{
    /// <summary>Count what would happen; change nothing.</summary>
    Observe,

    /// <summary>Act on memory that matches, within the quota and the safety rails.</summary>
    Enforce,
}
