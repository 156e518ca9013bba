namespace Damon.Engine.Host;

/// <summary>When the kernel makes transparent huge pages by itself.</summary>
public enum TransparentHugePageMode
{
    /// <summary>The kernel has none, or says something this code does not know.</summary>
    Unknown,

    /// <summary>Wherever it can.</summary>
    Always,

    /// <summary>Where a program asked for it.</summary>
    MAdvise,

    /// <summary>Nowhere.</summary>
    Never,
}
