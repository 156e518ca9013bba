namespace Damon.Lab.Guest.Running;

/// <summary>Which run a test belongs to. A larger set holds the smaller ones.</summary>
public enum LabSet
{
    /// <summary>Run by continuous integration.</summary>
    Smoke,

    /// <summary>Run by <c>make lab</c>.</summary>
    Full,
}
