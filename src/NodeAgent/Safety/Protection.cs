namespace Damon.NodeAgent.Safety;

/// <summary>Why a container is not touched, or only observed. The names are reasons in the API.</summary>
internal enum Protection
{
    /// <summary>It may be acted on.</summary>
    None,

    /// <summary>Guaranteed: observed, never acted on.</summary>
    ProtectedQoS,

    /// <summary>The configuration asks for a label that neither the pod nor its namespace has.</summary>
    NotOptedIn,

    /// <summary>An init container.</summary>
    InitContainer,

    /// <summary>Its priority is above the bound.</summary>
    ProtectedPriority,

    /// <summary>A static pod, or the mirror of one.</summary>
    StaticPod,

    /// <summary>Its namespace is protected.</summary>
    ProtectedNamespace,

    /// <summary>The agent itself.</summary>
    Self,

    /// <summary>Processes in no pod.</summary>
    NoPod,

    /// <summary>The label damon.dev/opt-out on the pod or its namespace.</summary>
    OptedOut,
}
