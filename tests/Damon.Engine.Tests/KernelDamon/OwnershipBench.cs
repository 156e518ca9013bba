using System.Diagnostics.CodeAnalysis;
using Damon.Engine.KernelDamon;
using Damon.Engine.Machine;
using Damon.Testing;

#pragma warning disable CA1416 // Linux only, like all of this product.

namespace Damon.Engine.Tests.KernelDamon;

/// <summary>A machine with DAMON on which agents come and go; process 500 asks first.</summary>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "Looks at the record behind the fake host.")]
internal sealed class OwnershipBench : IDisposable
{
    public const string RecordPath = "/run/damon/owner.json";
    private const string Boot = "/proc/sys/kernel/random/boot_id";

    public OwnershipBench()
    {
        Host = FakeHost.With((Boot, "boot-1\n"));
        Tree = new OwnershipTree(Host);
        Become(500);
    }

    public FakeHost Host { get; }

    public OwnershipTree Tree { get; }

    public VirtualTime Time { get; } = new();

    public string? Record => File.Exists(Host.Folder + RecordPath) ? Host.ReadText(RecordPath) : null;

    public UnixFileMode RecordMode => File.GetUnixFileMode(Host.Folder + RecordPath);

    public bool HasTouchedFiles => Directory.Exists(Host.Folder + "/run");

    /// <summary>From now on another process asks. Those before live on.</summary>
    public void Become(int pid)
    {
        Host.Write($"/proc/{pid}/stat", OwnershipTree.Stat(pid, "damon-agent", (ulong)pid));
        Host.Write("/proc/self/stat", OwnershipTree.Stat(pid, "damon-agent", (ulong)pid));
    }

    /// <summary>Anybody could have written the record.</summary>
    public void Forgeable() => File.SetUnixFileMode(Host.Folder + RecordPath, RecordMode | UnixFileMode.OtherWrite);

    public void Reboot() => Host.Write(Boot, "boot-2\n");

    public void Module(DamonModule module, string enabled, int pid = -1)
    {
        Host.Write(DamonModuleFacts.SwitchOf(module), enabled + "\n");
        Host.Write($"/sys/module/{DamonModuleFacts.NameOf(module)}/parameters/kdamond_pid", $"{pid}\n");
    }

    public string Module(DamonModule module) => Host.ReadText(DamonModuleFacts.SwitchOf(module)).Trim();

    public DamonOwnership Agent(params DamonModule[] mayBeSwitchedOff) =>
        new(Tree, Host.Root, Time, new OwnershipSettings { RecordPath = RecordPath, ExclusiveModules = mayBeSwitchedOff.ToHashSet() });

    /// <summary>An agent that holds so many kdamonds, all running.</summary>
    public DamonOwnership RunningAgent(int kdamonds, params DamonModule[] mayBeSwitchedOff)
    {
        var agent = Agent(mayBeSwitchedOff);
        agent.Take(kdamonds).Should().Be(KernelOutcome.Done);
        for (var i = 0; i < kdamonds; i++)
        {
            Start(agent, i);
        }

        return agent;
    }

    public void Start(DamonOwnership agent, int index)
    {
        agent.Starting(index).Should().Be(KernelOutcome.Done);
        Tree.Write($"kdamonds/{index}/state", "on");
        agent.Started(index).Should().Be(KernelOutcome.Done);
    }

    /// <summary>The process that asks ends without giving anything back: its lock goes, what it has written and done stays. Then process 600 asks.</summary>
    public void Crash(DamonOwnership agent)
    {
        var record = Record;
        var modules = Enum.GetValues<DamonModule>().Where(module => File.Exists(Host.Folder + DamonModuleFacts.SwitchOf(module))).Select(module => (module, Module(module))).ToList();
        Tree.Before = _ => throw new InvalidOperationException("gone");
        try
        {
            agent.Dispose();
        }
        catch (InvalidOperationException)
        {
            // The agent is dead; only its lock had to go.
        }

        Tree.Before = null;
        if (record is not null)
        {
            Host.Write(RecordPath, record);
        }

        foreach (var (module, enabled) in modules)
        {
            Host.Write(DamonModuleFacts.SwitchOf(module), enabled + "\n");
        }

        Host.Remove("/proc/500");
        Become(600);
    }

    public void Dispose() => Host.Dispose();
}
