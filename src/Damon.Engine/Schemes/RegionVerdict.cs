namespace Damon.Engine.Schemes;

/// <summary>What a scheme's region filters say of a piece of memory.</summary>
public enum RegionVerdict
{
    /// <summary>It is not tried at all.</summary>
    HeldBack,

    /// <summary>It is let through as far as the page filters let its pages through.</summary>
    LeftToPages,

    /// <summary>It is let through; page filters are not asked.</summary>
    LetThrough,
}
