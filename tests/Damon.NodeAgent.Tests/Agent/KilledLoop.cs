using Damon.Engine.Regions;
using Damon.NodeAgent.Ledger;
using Damon.NodeAgent.Tests.Plans;
using Damon.Testing;

namespace Damon.NodeAgent.Tests.Agent;

/// <summary>
/// The process that <see cref="KilledLoopTests"/> starts and kills: the node agent's loop on a fake host, with a ledger on disk, moving pages of memory that is not its own. It is started with the folder of both and
/// a seed, and says on its output what it has done: <c>ready</c>; after a line of its input it puts back what is owed and says <c>restored</c> with what is still owed; after another one it acts until it is killed.
/// </summary>
internal static class KilledLoop
{
    public const string Verb = "--killed-loop";
    public const string Ready = "ready";
    public const string Restored = "restored";
    public const string Wrong = "wrong";

    /// <summary>One that is not killed ends by itself, long after it should have been.</summary>
    private const int MostTurns = 20_000;

    public static int Run(string folder, ulong seed, TextReader input, TextWriter output)
    {
        using var memory = new OutsideMemory(MemoryFile(folder));
        Say(output, Ready);
        if (input.ReadLine() is null)
            return 0;

        using var world = new LoopWorld(disk: new KillingDisk(LedgerFile.Open(LedgerPath(folder)).Value, memory));
        world.Host.Write("/sys/fs/cgroup/cpuset.mems.effective", "0-2\n");
        for (var i = 0; i < OutsideMemory.Processes; i++)
            world.AddPod(edit: LoopWorld.App(i == 0 ? "first" : "others"));
        int[] pids = [.. world.Pods.Select(pod => pod.Containers[0].Processes[0].Pid)];
        var putBack = new HostChangeUndo(world.Host.Root, world.Clock, process => memory.OpenMover(Array.IndexOf(pids, process.Pid)));
        world.Undoes = putBack.Undo;
        world.Acts = (process, action, ranges) => memory.Move(Array.IndexOf(pids, process.Pid), KillStep.Moved, action, ranges);
        world.PlacesOf = process => new FakePlaces { NodeOf = address => memory.NodeOf(Array.IndexOf(pids, process.Pid), (int)((address - OutsideMemory.FirstAddress) / 4096)) };

        world.Loop.Start();
        Say(output, $"{Restored} {world.Ledger!.Count} {world.Ledger.IsDamaged}");
        if (input.ReadLine() is null)
            return 0;

        world.Report();
        Act(world, memory, new RandomSource(seed), output);
        return 3;
    }

    public static string MemoryFile(string folder) => Path.Combine(folder, "memory");

    public static string LedgerPath(string folder) => Path.Combine(folder, "state", "ledger");

    /// <summary>Plans come and go, the mode changes, and pods opt out; each time the loop puts back what nobody enforces any more.</summary>
    private static void Act(LoopWorld world, OutsideMemory memory, RandomSource random, TextWriter output)
    {
        var home = memory.Nodes();
        for (var turns = 0; turns < MostTurns;)
        {
            var isOff = random.NextBelow(5) == 0;
            world.PutConfig(isOff ? "Off" : "Enforce");
            world.PutPlan([.. Schemes(random)]);
            world.Run(TimeSpan.FromSeconds(2 + random.NextBelow(40)), () =>
            {
                turns++;
                memory.Step(KillStep.Turn);
            });
            if (isOff && (world.Ledger!.Count > 0 || !home.AsSpan().SequenceEqual(memory.Nodes())))
                Say(output, $"{Wrong}: the cluster is off, {world.Ledger.Count} changes are owed, and pages are not where they were");
            if (world.Unexpected.Count + world.Violations.Count > 0)
                Say(output, $"{Wrong}: {string.Join("; ", world.Unexpected.Concat(world.Violations))}");
        }
    }

    private static IEnumerable<string> Schemes(RandomSource random)
    {
        // A scheme that was made anew is another one, by its uid: what the last one did is put back.
        var name = $"first{random.NextBelow(2)}";
        if (random.NextBelow(4) > 0)
            yield return PlanDocuments.Scheme(name, LoopWorld.Target("first", Migrate(node: 1)));
        if (random.NextBelow(4) > 0)
            yield return PlanDocuments.Scheme("others", LoopWorld.Target("others", Migrate(node: 1 + (int)random.NextBelow(2))), rank: 2);
    }

    private static string Migrate(int node) =>
        """{"mode":"Enforce","action":{"type":"MigrateCold","destinations":[{"node":NODE,"weight":1}]},"target":{"podSelector":{},"all":true},"quota":{"size":"3Mi"},"pattern":{"accessRate":{"max":"0%"},"age":{"min":"0s"}}}"""
            .Replace("NODE", $"{node}", StringComparison.Ordinal);

    private static void Say(TextWriter output, string line)
    {
        output.WriteLine(line);
        output.Flush();
    }
}
