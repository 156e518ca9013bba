namespace Damon.NodeAgent.Selection;

/// <summary>What two schemes of one container cannot both do. Different classes go together: cold memory out and hot memory in is one policy, not a conflict.</summary>
internal enum ConflictClass
{
    /// <summary>Changes nothing and conflicts with nothing.</summary>
    None,

    /// <summary>Takes memory away from where it is fast.</summary>
    Cool,

    /// <summary>Brings memory to where it is fast.</summary>
    Warm,

    /// <summary>Makes huge pages.</summary>
    Huge,

    /// <summary>Keeps pages small.</summary>
    Split,
}
