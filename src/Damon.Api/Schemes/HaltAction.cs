namespace Damon.Api.Schemes;

/// <summary>What a rollout does that found too many unhealthy nodes.</summary>
public enum HaltAction
{
    /// <summary>Stays where it is.</summary>
    Pause,

    /// <summary>Gives the updated nodes what they had before.</summary>
    Revert,
}
