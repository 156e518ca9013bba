using System.Text;
using Damon.Engine.Host;

namespace Damon.NodeAgent.Ledger;

/// <summary>Writes values into files of the kernel behind a ledger: never without having written down what was there.</summary>
/// <param name="host">The host.</param>
/// <param name="ledger">The ledger.</param>
internal sealed class LedgeredFiles(HostRoot host, ChangeLedger ledger)
{
    private readonly HostReader _reader = new(maxBytes: 64 * 1024);

    /// <summary>Writes a value.</summary>
    /// <param name="scheme">The scheme's uid.</param>
    /// <param name="pod">The pod's uid.</param>
    /// <param name="path">A file of a control group or a setting of memory management, as on the host.</param>
    /// <param name="value">The value, in the form in which the kernel will show it.</param>
    /// <returns>What the file says now, or why nothing was written.</returns>
    public HostResult<string> Write(string scheme, string pod, string path, string value)
    {
        if (!HostChangeUndo.IsOurs(path))
        {
            return new HostError(HostErrorKind.Denied, path, "the ledger puts back no changes of this file, so none is made");
        }

        var opened = host.Open(path, HostFileAccess.ReadWrite);
        if (!opened.TryGet(out var file))
        {
            return opened.Error;
        }

        using (file)
        {
            var identity = host.Identify(path);
            var before = Read(file);
            if (!identity.IsOk || !before.IsOk)
            {
                return identity.IsOk ? before.Error : identity.Error;
            }

            if (before.Value == value)
            {
                return value;
            }

            if (ledger.Begin(new FileChange(scheme, pod, path, identity.Value, before.Value, value)) is not { } id)
            {
                return new HostError(HostErrorKind.Denied, path, ledger.LastError);
            }

            var written = file.WriteAt(Encoding.UTF8.GetBytes(value + "\n"), 0);
            var after = Read(file);
            if (after.IsOk && after.Value == before.Value)
            {
                ledger.NotApplied(id);
            }
            else
            {
                ledger.Applied(id, after.IsOk ? after.Value : null);
            }

            return written.IsOk ? after : written.Error;
        }
    }

    private HostResult<string> Read(HostFile file)
    {
        var read = _reader.Read(file);
        return read.IsOk ? Encoding.UTF8.GetString(_reader.Content).TrimEnd('\n') : read.Error;
    }
}
