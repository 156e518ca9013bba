namespace Damon.NodeAgent.Pods;

/// <summary>Why a container has no memory that could be looked at.</summary>
internal enum MissingReason
{
    /// <summary>It has not been started yet, or it waits to be started again.</summary>
    NotStarted,

    /// <summary>It has ended, as the API says.</summary>
    Ended,

    /// <summary>Its pod, or the container itself, is not among the node's pods any more.</summary>
    PodGone,

    /// <summary>The pod's uid or the container's id is not of the form that could name a control group.</summary>
    Malformed,

    /// <summary>More than one container claims this id: none of them gets it.</summary>
    Ambiguous,

    /// <summary>No control groups are mounted below the host's root.</summary>
    NoCgroups,

    /// <summary>No control group was found in which a kubelet keeps pods, and no process says that it is in this container.</summary>
    NoSuchLayout,

    /// <summary>The pods' control groups are there, this container's is not: it has ended and the API does not know it yet, or it has not been made yet.</summary>
    CgroupGone,

    /// <summary>Only its processes were known, and now its control group is: it appears again in the same look.</summary>
    Relocated,

    /// <summary>The right to look is missing.</summary>
    Denied,

    /// <summary>It is there, but could not be read; tried again at the next look.</summary>
    Unreadable,
}
