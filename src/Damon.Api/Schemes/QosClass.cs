namespace Damon.Api.Schemes;

/// <summary>Kubernetes' classes of pods by what they are promised.</summary>
public enum QosClass
{
    /// <summary>No requests.</summary>
    BestEffort,

    /// <summary>Some requests, or limits above them.</summary>
    Burstable,

    /// <summary>Limits equal requests; such pods are only ever observed.</summary>
    Guaranteed,
}
