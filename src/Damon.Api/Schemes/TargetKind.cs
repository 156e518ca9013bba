namespace Damon.Api.Schemes;

/// <summary>What a scheme is for.</summary>
public enum TargetKind
{
    /// <summary>Containers of pods.</summary>
    Pods,

    /// <summary>The memory of the whole node.</summary>
    Node,
}
