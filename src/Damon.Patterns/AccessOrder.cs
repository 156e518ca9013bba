namespace Damon.Patterns;

/// <summary>In which order the addresses of a region are visited.</summary>
public enum AccessOrder
{
    /// <summary>From the start on, one stride after the other, and round again.</summary>
    Sequential,

    /// <summary>Each access at a stride drawn anew.</summary>
    Random,
}
