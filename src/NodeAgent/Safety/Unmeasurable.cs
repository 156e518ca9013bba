using Damon.Engine.Host;

namespace Damon.NodeAgent.Safety;

/// <summary>What a rail says that cannot be measured: it counts as tripped unless the configuration accepts that.</summary>
internal static class Unmeasurable
{
    /// <summary>Judges.</summary>
    public static RailState Judge(SafetyLimits limits, string path, HostErrorKind error) =>
        limits.AcceptsUnmeasurable ? RailState.Clear : RailState.Held(SafetyRail.RailUnmeasurable, $"{path}: {Explain(error)}");

    private static string Explain(HostErrorKind error) => error switch
    {
        HostErrorKind.Vanished => "is not there",
        HostErrorKind.Denied => "may not be read",
        HostErrorKind.Unsupported => "is switched off in this kernel",
        HostErrorKind.Malformed => "is not what the kernel writes",
        _ => "cannot be read",
    };
}
