using System.Diagnostics.CodeAnalysis;
using Damon.Engine.Host;
using Damon.NodeAgent.Ledger;

namespace Damon.NodeAgent.Tests.Ledger;

/// <summary>A process of its own that changes files behind a ledger until it is killed.</summary>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "Files of the test's own folder.")]
internal static class LedgerWriter
{
    public const string Verb = "change-files-until-killed";

    public static readonly string[] Files = [.. Enumerable.Range(0, 4).Select(i => $"/sys/fs/cgroup/{i}/memory.low")];

    public static ChangeLedger Open(string folder) => ChangeLedger.Open(LedgerFile.Open(folder + "/ledger").Value, TimeProvider.System, "boot").Value;

    [DoesNotReturn]
    public static void Run(string folder)
    {
        var root = new HostRoot(folder);
        using var ledger = Open(folder);
        var files = new LedgeredFiles(root, ledger);
        using var progress = new FileStream(folder + "/progress", FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        for (var i = 1; ; i++)
        {
            // Eight digits always: an ordinary file keeps what a shorter value leaves, a file of the kernel does not.
            if (!files.Write($"scheme{i % 3}", "pod", Files[i % Files.Length], $"{i:00000000}").IsOk)
            {
                throw new InvalidOperationException(ledger.LastError);
            }

            if (i % 50 == 0)
            {
                ledger.Undo(new LedgerScope(Scheme: "scheme1"), new HostChangeUndo(root, TimeProvider.System));
            }

            progress.WriteByte((byte)'.');
        }
    }
}
