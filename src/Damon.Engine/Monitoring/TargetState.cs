namespace Damon.Engine.Monitoring;

/// <summary>Whether a target is still monitored.</summary>
public enum TargetState
{
    /// <summary>It is.</summary>
    Active,

    /// <summary>Its process has exited or executes another program.</summary>
    Gone,

    /// <summary>A right is missing to look at it.</summary>
    Denied,

    /// <summary>The machine cannot look at it.</summary>
    Unsupported,

    /// <summary>It was taken out of the session.</summary>
    Removed,
}
