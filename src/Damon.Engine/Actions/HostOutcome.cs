using Damon.Engine.Host;
using Damon.Engine.Monitoring;

namespace Damon.Engine.Actions;

/// <summary>What an error of the host means for an action.</summary>
internal static class HostOutcome
{
    public static ActionOutcome Of(HostErrorKind kind) => kind switch
    {
        HostErrorKind.None => ActionOutcome.Applied,
        HostErrorKind.Vanished => ActionOutcome.Gone,
        HostErrorKind.Denied => ActionOutcome.Denied,
        HostErrorKind.Busy or HostErrorKind.TryAgain => ActionOutcome.TryAgain,
        HostErrorKind.Unsupported => ActionOutcome.Unsupported,
        _ => ActionOutcome.Failed,
    };
}
