namespace Damon.Operator.Statuses;

/// <summary>The conditions of a scheme.</summary>
public static class ConditionTypes
{
    /// <summary>The scheme can be read and carried out.</summary>
    public const string Accepted = "Accepted";

    /// <summary>A change is on its way to nodes.</summary>
    public const string Progressing = "Progressing";

    /// <summary>Every node that is selected, reachable and able has the scheme as it stands now. This is the one to wait for.</summary>
    public const string Ready = "Ready";

    /// <summary>On some node it cannot work as it should.</summary>
    public const string Degraded = "Degraded";

    /// <summary>Some containers are left to schemes of a better rank.</summary>
    public const string Conflicted = "Conflicted";

    /// <summary>On some node a safety rail holds it back now.</summary>
    public const string SafetyTripped = "SafetyTripped";

    /// <summary>The scheme says paused.</summary>
    public const string Paused = "Paused";
}
