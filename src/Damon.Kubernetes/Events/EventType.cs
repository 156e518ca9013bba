namespace Damon.Kubernetes.Events;

/// <summary>How an event is meant.</summary>
public enum EventType
{
    /// <summary>For information.</summary>
    Normal,

    /// <summary>Somebody may want to do something.</summary>
    Warning,
}
