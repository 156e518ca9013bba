using Damon.Engine.Host;
using Damon.Engine.Monitoring;

namespace Damon.Engine.Probes;

/// <summary>How a probe's last call ended: the outcome to decide by, and the words to show.</summary>
internal sealed class ProbeReport
{
    /// <summary>Why the last call failed; empty after a success.</summary>
    public string LastError { get; private set; } = "";

    public ProbeOutcome Succeed()
    {
        LastError = "";
        return ProbeOutcome.Ok;
    }

    public ProbeOutcome Fail(HostError error)
    {
        LastError = error.ToString();
        return error.Kind switch
        {
            HostErrorKind.None => ProbeOutcome.Ok,
            HostErrorKind.Vanished => ProbeOutcome.Gone,
            HostErrorKind.Denied => ProbeOutcome.Denied,
            HostErrorKind.Unsupported => ProbeOutcome.Unsupported,
            _ => ProbeOutcome.TryAgain,
        };
    }

    public ProbeOutcome Gone(ProcessIdentity process, ProcessLife life) => Fail(
        new HostError(HostErrorKind.Vanished, $"/proc/{process.Pid}", life == ProcessLife.ReplacedByExec ? "the process runs another program now" : "the process has ended"));
}
