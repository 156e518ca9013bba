using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Damon.NodeAgent.Ledger;
using Damon.Testing;

namespace Damon.NodeAgent.Tests.Ledger;

/// <summary>A real process with a real file, killed by SIGKILL wherever it happens to be.</summary>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "Starts and kills a process of its own, and looks at the files that it writes.")]
public class LedgerKillTests
{
    private const string FolderVariable = "DAMON_TEST_LEDGER_FOLDER";
    private const int Rounds = 5;
    private static readonly string[] Files = [.. Enumerable.Range(0, 4).Select(i => $"/sys/fs/cgroup/{i}/memory.low")];

    [Fact]
    public async Task What_a_killed_process_has_changed_its_successor_puts_back()
    {
        using var host = new FakeHost();
        foreach (var file in Files)
        {
            host.Write(file, "00000000\n");
        }

        var chance = new Random(4);
        for (var round = 0; round < Rounds; round++)
        {
            host.Write("/progress", "");
            var start = new ProcessStartInfo(DotnetHost.ProgramPath, [typeof(LedgerKillTests).Assembly.Location, "-method", $"{typeof(LedgerKillTests).FullName}.{nameof(Change_files_until_killed)}"])
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
            };
            start.Environment[FolderVariable] = host.Folder;
            using var child = Process.Start(start)!;
            var target = chance.Next(20, 3000);
            while (new FileInfo(host.Folder + "/progress").Length < target && !child.HasExited)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, TestContext.Current.CancellationToken);
            }

            child.HasExited.Should().BeFalse("it goes on until it is killed");
            child.Kill();
            await child.WaitForExitAsync(TestContext.Current.CancellationToken);

            using var ledger = Open(host.Folder);
            ledger.IsDamaged.Should().BeFalse();
            ledger.Undo(LedgerScope.All, new HostChangeUndo(host.Root, TimeProvider.System)).IsComplete.Should().BeTrue();
            Files.Select(host.ReadText).Should().OnlyContain(text => text == "00000000\n");
            ledger.Undo(LedgerScope.All, new HostChangeUndo(host.Root, TimeProvider.System)).Should().BeEquivalentTo(new { Undone = 0, AlreadyUndone = 0, Superseded = 0 });
        }
    }

    /// <summary>The other process.</summary>
    [Fact]
    public void Change_files_until_killed()
    {
        var folder = Environment.GetEnvironmentVariable(FolderVariable);
        Assert.SkipWhen(folder is null, "this is the process that the test above starts and kills");
        var root = new Damon.Engine.Host.HostRoot(folder!);
        using var ledger = Open(folder!);
        var files = new LedgeredFiles(root, ledger);
        using var progress = new FileStream(folder + "/progress", FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        for (var i = 1; ; i++)
        {
            // Eight digits always: an ordinary file keeps what a shorter value leaves, a file of the kernel does not.
            files.Write($"scheme{i % 3}", "pod", Files[i % Files.Length], $"{i:00000000}").IsOk.Should().BeTrue(ledger.LastError);
            if (i % 50 == 0)
            {
                ledger.Undo(new LedgerScope(Scheme: "scheme1"), new HostChangeUndo(root, TimeProvider.System));
            }

            progress.WriteByte((byte)'.');
        }
    }

    private static ChangeLedger Open(string folder) => ChangeLedger.Open(LedgerFile.Open(folder + "/ledger").Value, TimeProvider.System, "boot").Value;
}
