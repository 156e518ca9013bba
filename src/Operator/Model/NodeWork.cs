namespace Damon.Operator.Model;

/// <summary>What is to be done about a DamonNode.</summary>
public enum NodeWork
{
    /// <summary>It is as it should be, or not everything is known yet.</summary>
    Nothing,

    /// <summary>Create or change it by server-side apply.</summary>
    Apply,

    /// <summary>Delete it, with its uid as precondition: there is no such Node, and no owner with which the garbage collector would find it.</summary>
    Delete,
}
