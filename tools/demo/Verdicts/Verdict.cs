namespace Damon.Demo.Verdicts;

/// <summary>What a measurement says about a promise.</summary>
internal enum Verdict
{
    /// <summary>It held.</summary>
    Held,

    /// <summary>It did not hold, or could not be measured at all.</summary>
    Broken,

    /// <summary>The measurement's own error reaches over the bound, so that it says neither.</summary>
    Unclear,
}
