using System.ComponentModel;
using Damon.Engine.Host;

namespace Damon.NodeAgent.Standalone;

/// <summary>A command that a standalone run starts and looks at. It shares the console; it is ended with the run.</summary>
#pragma warning disable RS0030 // The one place that starts processes.
public sealed class ChildProcess : IDisposable
{
    private static readonly TimeSpan PatienceAfterKill = TimeSpan.FromSeconds(5);

    private readonly HostRoot _host;
    private readonly System.Diagnostics.Process _process;

    private ChildProcess(HostRoot host, System.Diagnostics.Process process, ProcessIdentity identity)
    {
        _host = host;
        _process = process;
        Identity = identity;
    }

    /// <summary>Which process it is.</summary>
    public ProcessIdentity Identity { get; }

    /// <summary>Its exit code; null while it runs.</summary>
    public int? ExitCode => _process.HasExited ? _process.ExitCode : null;

    /// <summary>Starts a command.</summary>
    /// <param name="host">The host.</param>
    /// <param name="command">The program, found as a shell finds it, and its arguments.</param>
    /// <param name="output">Where its standard output is copied; null to share this process's own.</param>
    /// <returns>The child, or why it could not be started.</returns>
    public static HostResult<ChildProcess> Start(HostRoot host, IReadOnlyList<string> command, TextWriter? output)
    {
        var start = new System.Diagnostics.ProcessStartInfo(command[0], command.Skip(1)) { UseShellExecute = false, RedirectStandardOutput = output is not null };
        System.Diagnostics.Process? process;
        try
        {
            process = System.Diagnostics.Process.Start(start);
        }
        catch (Win32Exception e)
        {
            return new HostError(HostErrorKind.Failed, command[0], e.Message, e.NativeErrorCode);
        }

        if (process is null)
        {
            return new HostError(HostErrorKind.Failed, command[0], "it was not started");
        }

        if (output is not null)
        {
            process.OutputDataReceived += (_, line) =>
            {
                if (line.Data is not null)
                {
                    output.WriteLine(line.Data);
                }
            };
            process.BeginOutputReadLine();
        }

        var identity = ProcessTree.Identify(host, process.Id);
        if (identity.IsOk)
        {
            return new ChildProcess(host, process, identity.Value);
        }

        // It was started, and nobody else would end it. The runtime has not collected it, or does nothing: the pid cannot be another's.
        var hasEnded = process.HasExited;
        process.Kill();
        process.WaitForExit(PatienceAfterKill);
        process.Dispose();
        if (hasEnded)
        {
            return new HostError(HostErrorKind.Vanished, command[0], "it ended before it could be looked at");
        }

        return identity.Error;
    }

    /// <summary>Asks it and everything it has started to end, and ends what has not after a while. A shell that is ended leaves its own children behind.</summary>
    /// <param name="patience">How long to wait.</param>
    public void End(TimeSpan patience)
    {
        if (_process.HasExited)
        {
            return;
        }

        var tree = new List<ProcessIdentity>();
        if (!ProcessTree.Find(_host, [Identity], tree).IsOk)
        {
            tree.Add(Identity);
        }

        Signal(tree, ProcessSignal.Terminate);
        if (!_process.WaitForExit(patience))
        {
            Signal(tree, ProcessSignal.Kill);
            _process.WaitForExit(patience);
        }
    }

    /// <summary>Whoever has ended meanwhile is not met by the signal, nor is a later process with the same pid.</summary>
    private void Signal(List<ProcessIdentity> processes, ProcessSignal signal)
    {
        foreach (var process in processes)
        {
            _ = ProcessSignals.Send(_host, process, signal);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _process.Dispose();
}
#pragma warning restore RS0030
