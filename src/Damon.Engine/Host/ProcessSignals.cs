using Damon.Engine.Interop;

namespace Damon.Engine.Host;

/// <summary>Sends signals to a process that cannot be taken for another one.</summary>
public static class ProcessSignals
{
    /// <summary>Sends a signal.</summary>
    /// <param name="host">The host on which the identity was taken.</param>
    /// <param name="process">Which process it must be.</param>
    /// <param name="signal">The signal.</param>
    /// <returns>The process, or why it was not signalled; <see cref="HostErrorKind.Vanished"/> where it has ended.</returns>
    public static HostResult<ProcessIdentity> Send(HostRoot host, ProcessIdentity process, ProcessSignal signal)
    {
        var number = Native.OpenProcess(process.Pid);
        if (number < 0)
        {
            return HostErrors.From(number, $"pidfd_open({process.Pid})");
        }

        using var descriptor = new FileDescriptor(number);

        // The descriptor is there first: if the identity still fits now, the descriptor means that process and no later one.
        var now = ProcessTree.Identify(host, process.Pid);
        if (!now.IsOk || now.Value != process)
        {
            return new HostError(HostErrorKind.Vanished, $"process {process.Pid}");
        }

        var result = Native.SignalProcess(descriptor.Number, (int)signal);
        return result < 0 ? HostErrors.From(result, $"pidfd_send_signal({process.Pid})") : process;
    }
}
