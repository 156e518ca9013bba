namespace Damon.NodeAgent.Safety;

/// <summary>What changed about a rail.</summary>
internal enum RailTransitionKind
{
    /// <summary>It holds from now on.</summary>
    Held,

    /// <summary>It gives a smaller budget from now on.</summary>
    Reduced,

    /// <summary>It holds no longer.</summary>
    Lifted,
}
