using Damon.Engine.Host;
using Damon.Engine.Monitoring;

namespace Damon.Engine.Probes;

/// <summary>What an error on the host means for a probe.</summary>
internal static class ProbeOutcomes
{
    public static ProbeOutcome From(HostErrorKind kind) => kind switch
    {
        HostErrorKind.None => ProbeOutcome.Ok,
        HostErrorKind.Vanished => ProbeOutcome.Gone,
        HostErrorKind.Denied => ProbeOutcome.Denied,
        HostErrorKind.Unsupported => ProbeOutcome.Unsupported,
        _ => ProbeOutcome.TryAgain,
    };
}
