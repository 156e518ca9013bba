using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Damon.NodeAgent.Ledger;
using Damon.Testing;

namespace Damon.NodeAgent.Tests.Ledger;

/// <summary>A real process with a real file, killed by SIGKILL wherever it happens to be.</summary>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "Starts and kills a process of its own, and looks at the files that it writes.")]
public class LedgerKillTests
{
    private const int Rounds = 5;

    [Fact]
    public async Task What_a_killed_process_has_changed_its_successor_puts_back()
    {
        using var host = new FakeHost();
        foreach (var file in LedgerWriter.Files)
        {
            host.Write(file, "00000000\n");
        }

        var chance = new Random(4);
        for (var round = 0; round < Rounds; round++)
        {
            host.Write("/progress", "");
            var start = new ProcessStartInfo(DotnetHost.ProgramPath, [typeof(LedgerKillTests).Assembly.Location, LedgerWriter.Verb, host.Folder]) { UseShellExecute = false };
            using var child = Process.Start(start)!;
            var target = chance.Next(20, 3000);
            while (new FileInfo(host.Folder + "/progress").Length < target && !child.HasExited)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, TestContext.Current.CancellationToken);
            }

            child.HasExited.Should().BeFalse("it goes on until it is killed");
            child.Kill();
            await child.WaitForExitAsync(TestContext.Current.CancellationToken);

            using var ledger = LedgerWriter.Open(host.Folder);
            ledger.IsDamaged.Should().BeFalse();
            ledger.Undo(LedgerScope.All, new HostChangeUndo(host.Root, TimeProvider.System)).IsComplete.Should().BeTrue();
            LedgerWriter.Files.Select(host.ReadText).Should().OnlyContain(text => text == "00000000\n");
            ledger.Undo(LedgerScope.All, new HostChangeUndo(host.Root, TimeProvider.System)).Should().BeEquivalentTo(new { Undone = 0, AlreadyUndone = 0, Superseded = 0 });
        }
    }
}
