using CsCheck;
using Damon.Engine.Host;
using Damon.NodeAgent.Ledger;
using Microsoft.Extensions.Time.Testing;

namespace Damon.NodeAgent.Tests.Ledger;

/// <summary>
/// An agent is killed at any step: in a write of its ledger, which tears, before or after a change, in the middle of undoing, and again while its successor cleans up. Then everything is as it was.
/// </summary>
public class LedgerCrashTests
{
    private const int Actions = 100;
    private static readonly LedgerBounds Small = new() { CompactAboveBytes = 1500, MaxOwedBytes = 20_000 };

    [Fact]
    public void Killed_at_a_hundred_random_points_everything_owed_is_undone_once()
    {
        var steps = Run(seed: 1, crashAt: int.MaxValue, crashAgainAt: int.MaxValue);
        steps.Should().BeGreaterThan(300);
        var chance = Seeded(2);
        for (var point = 0; point < 100; point++)
        {
            Run(seed: point, crashAt: chance.Next(steps), crashAgainAt: int.MaxValue);
        }
    }

    [Fact]
    public void Killed_at_every_single_step_of_one_run_everything_owed_is_undone_once()
    {
        var steps = Run(seed: 7, crashAt: int.MaxValue, crashAgainAt: int.MaxValue);
        for (var step = 0; step < steps; step++)
        {
            Run(seed: 7, crashAt: step, crashAgainAt: int.MaxValue);
        }
    }

    [Fact]
    public void Killed_while_it_cleans_up_after_a_kill_the_next_one_finishes() =>
        Gen.Select(Gen.Int[0, 1_000_000], Gen.Int[0, 400], Gen.Int[0, 120]).Sample((seed, first, second) => Run(seed, first, second), iter: 500);

    /// <summary>Runs until the kill, then cleans up, killed once more, then for good. Fails where anything is not as it was, or was done twice.</summary>
    /// <returns>The steps of the first process.</returns>
    private static int Run(int seed, int crashAt, int crashAgainAt)
    {
        var chance = Seeded(seed);
        var crash = new CrashPoint();
        var kernel = new SimulatedKernel(crash);
        for (ulong i = 0; i < 4; i++)
        {
            kernel.Files[$"/sys/fs/cgroup/{i}"] = (new FileIdentity(1, i), "before");
            kernel.Processes[new ProcessIdentity(100 + (int)i, 5)] = [.. Enumerable.Range(0, SimulatedKernel.Pages).Select(_ => chance.Next(3))];
        }

        var files = kernel.Files.ToDictionary(file => file.Key, file => file.Value);
        var nodes = kernel.Processes.ToDictionary(process => process.Key, process => process.Value.ToArray());
        var disk = new FakeLedgerDisk(crash, length => chance.Next(length + 1));

        crash.Arm(crashAt);
        try
        {
            using var ledger = Open(disk);
            var agent = new LedgerAgent(kernel, ledger, chance);
            for (var i = 0; i < Actions; i++)
            {
                agent.Act();
            }
        }
        catch (CrashException)
        {
        }

        var steps = crash.Steps;
        crash.Disarm();
        if (chance.Next(2) == 0)
        {
            // Meanwhile a process ends and its pid is another's, and a control group is made anew.
            kernel.Processes.Remove(new ProcessIdentity(100, 5));
            nodes.Remove(new ProcessIdentity(100, 5));
            var stranger = new ProcessIdentity(100, 6);
            kernel.Processes[stranger] = [.. Enumerable.Repeat(1, SimulatedKernel.Pages)];
            nodes[stranger] = [.. kernel.Processes[stranger]];
            kernel.Files["/sys/fs/cgroup/0"] = files["/sys/fs/cgroup/0"] = (new FileIdentity(1, 77), "anew");
        }

        kernel.Effects.Clear();
        crash.Arm(crashAgainAt);
        try
        {
            CleanUp(disk, kernel);
        }
        catch (CrashException)
        {
            crash.Disarm();
            CleanUp(disk, kernel);
        }

        crash.Disarm();
        kernel.Files.Should().BeEquivalentTo(files);
        kernel.Processes.Should().BeEquivalentTo(nodes, options => options.WithStrictOrdering());

        // Nothing is put back twice: a file is written at most once, even with a kill in between. Pages that went through several nodes with an outcome unknown go back step by step, each step once.
        kernel.Effects.Where(effect => effect.Contains('=')).Should().OnlyHaveUniqueItems();
        kernel.Effects.Where(effect => effect.Contains('>')).Should().OnlyHaveUniqueItems();

        kernel.Effects.Clear();
        CleanUp(disk, kernel).Should().Be(0, "nothing is owed any more");
        kernel.Effects.Should().BeEmpty();
        return steps;
    }

    private static int CleanUp(FakeLedgerDisk disk, SimulatedKernel kernel)
    {
        using var ledger = Open(disk);
        var owed = ledger.Count;
        ledger.IsDamaged.Should().BeFalse("a torn end is no damage");
        ledger.Undo(LedgerScope.All, kernel).IsComplete.Should().BeTrue();
        ledger.Count.Should().Be(0);
        return owed;
    }

    private static ChangeLedger Open(FakeLedgerDisk disk) => ChangeLedger.Open(disk, new FakeTimeProvider(), "boot", Small).Value;

#pragma warning disable RS0030 // Seeded: the same every time.
    private static Random Seeded(int seed) => new(seed);
#pragma warning restore RS0030
}
