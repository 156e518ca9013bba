using System.Diagnostics.CodeAnalysis;
using Damon.Engine.Regions;

namespace Damon.NodeAgent.Tests.Agent;

/// <summary>
/// A hundred agents, one after the other on the same ledger and the same memory, each a process of its own that is killed by SIGKILL: in a turn of the loop, in a write of the ledger, which tears, between two pages
/// of a move, between two pages that are put back, or wherever it happens to be. What one owes, the next one puts back before it does anything.
/// </summary>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "A folder of the test's own.")]
public sealed class KilledLoopTests : IDisposable
{
    private const int Kills = 100;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("damon-killed-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Killed_at_a_hundred_points_what_is_owed_is_put_back_and_nothing_is_done_twice()
    {
        using var memory = new OutsideMemory(KilledLoop.MemoryFile(_folder.FullName));
        var random = new RandomSource(11);
        Scatter(memory, random, pieces: 40);
        var home = memory.Nodes();
        int owing = 0, killedPuttingBack = 0, moved = 0;
        var next = KilledLoopProcess.Start(_folder.FullName, 0);
        for (var killed = 0; killed <= Kills; killed++)
        {
            using var agent = next;
            await agent.ReadAsync(KilledLoop.Ready);
            next = killed < Kills ? KilledLoopProcess.Start(_folder.FullName, (ulong)killed + 1) : agent;
            var (step, number) = killed < Kills ? Choose(random) : (KillStep.Anywhere, 0);
            memory.Arm(step, number);

            await agent.SayAsync("restore");
            if (await agent.ReadAsync(KilledLoop.Restored) is not { } restored)
            {
                // Killed while it put back: the next one goes on where it ended.
                await agent.EndAsync();
                killedPuttingBack++;
                continue;
            }

            restored.Should().Be($"{KilledLoop.Restored} 0 False", "nothing is owed any more, and a torn end is no damage");
            memory.Nodes().Should().Equal(home, "everything is where it was");
            memory.Effects.Should().OnlyHaveUniqueItems("no page is put back twice");
            if (killed == Kills)
            {
                break;
            }

            // Somebody else moves pages for which nobody owes anything: they stay there, whatever was owed for them once.
            Scatter(memory, random, pieces: 3);
            home = memory.Nodes();
            memory.ForgetEffects();
            await agent.SayAsync("act");
            if (step == KillStep.Anywhere)
            {
                await agent.KillAsync(() => memory.Count(KillStep.Turn) + memory.Count(KillStep.Moved) > number);
            }

            await agent.EndAsync();
            moved += memory.Effects.Count;
            owing += memory.Nodes().AsSpan().SequenceEqual(home) ? 0 : 1;
            memory.ForgetEffects();
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"{Kills} killed: {owing} with pages away, {killedPuttingBack} while putting back; {moved} pages moved");
        memory.Repeated.Should().Be(0, "no page is moved to where it is");
        owing.Should().BeGreaterThan(Kills / 3);
        killedPuttingBack.Should().BeGreaterThan(5);
    }

    private static (KillStep Step, int Number) Choose(RandomSource random)
    {
        int Up(int to) => 1 + (int)random.NextBelow((ulong)to);
        return random.NextBelow(8) switch
        {
            0 or 1 => (KillStep.Anywhere, Up(4000)),
            2 => (KillStep.Turn, Up(300)),
            3 => (KillStep.Write, Up(120)),
            4 => (KillStep.Replace, Up(30)),
            5 => (KillStep.Moved, Up(8000)),
            _ => (KillStep.PutBack, Up(1500)),
        };
    }

    private static void Scatter(OutsideMemory memory, RandomSource random, int pieces)
    {
        for (var i = 0; i < pieces; i++)
        {
            var (process, node) = ((int)random.NextBelow(OutsideMemory.Processes), (int)random.NextBelow(3));
            var (start, length) = ((int)random.NextBelow(OutsideMemory.Pages), 1 + (int)random.NextBelow(200));
            for (var page = start; page < Math.Min(OutsideMemory.Pages, start + length); page++)
            {
                memory.Place(process, page, node);
            }
        }
    }
}
