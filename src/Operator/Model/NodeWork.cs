namespace Damon.Operator.Model;

/// <summary>What is to be done about a DamonNode.</summary>
public enum NodeWork
{
    /// <summary>It is as it should be, or not everything is known yet.</summary>
    Nothing,

    /// <summary>Create or change it by server-side apply.</summary>
    Apply,

    /// <summary>Delete it, with its uid as precondition: its Node is gone and the garbage collector has nothing to go by (another Node's uid, or no owner).</summary>
    Delete,
}
