namespace Damon.Operator.Model;

/// <summary>What is to be done about a scheme's finalizer.</summary>
public enum FinalizerWork
{
    /// <summary>Nothing.</summary>
    Nothing,

    /// <summary>Put it on, before any node hears of the scheme.</summary>
    Add,

    /// <summary>Take it off: all nodes are done.</summary>
    Remove,
}
