namespace Damon.Kubernetes.Informers;

/// <summary>What an informer is doing.</summary>
public enum InformerPhase
{
    /// <summary>Not started.</summary>
    Idle,

    /// <summary>Reading a list.</summary>
    Listing,

    /// <summary>Following changes.</summary>
    Watching,

    /// <summary>Waiting after a failure.</summary>
    BackingOff,

    /// <summary>The kind itself is not there; asked again from time to time.</summary>
    KindGone,

    /// <summary>Ended.</summary>
    Stopped,
}
