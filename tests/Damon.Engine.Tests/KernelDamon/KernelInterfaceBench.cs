using System.Diagnostics.CodeAnalysis;
using System.Text;
using Damon.Engine.Host;
using Damon.Engine.KernelDamon;
using Damon.Engine.Machine;
using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Testing;
using Damon.Testing.KernelDamon;

#pragma warning disable CA1416 // Linux only, like all of this product.

namespace Damon.Engine.Tests.KernelDamon;

/// <summary>A machine with a kernel's files, a process to look at, and our process 500 that takes the interface. The kdamond's thread is seen in /proc, whether it runs or not.</summary>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "Looks at the record behind the fake host.")]
internal sealed class KernelInterfaceBench : IDisposable
{
    public const string State = "kdamonds/0/state";
    private const int Thread = 4000;

    public KernelInterfaceBench(string kernel)
    {
        Fake = new FakeDamonTree(kernel == "6.12" ? FakeKernel.Debian612 : FakeKernel.Debian73);
        Tree = new InterposedDamonTree(Fake);
        Process = Fake.Processes.Start(new FakeRegion(0x1000_0000, 0x1400_0000, 20, 3));
        Host = FakeHost.With(("/proc/sys/kernel/random/boot_id", "boot-1\n"));
        Appear(Process);
        Appear(Thread);
        Become(500);
        Interface = New();
    }

    public FakeDamonTree Fake { get; }

    public InterposedDamonTree Tree { get; }

    public FakeHost Host { get; }

    public VirtualTime Time { get; } = new();

    public HostKernelInterface Interface { get; }

    public int Process { get; }

    public KernelContext Wanted => new(KernelOperations.Vaddr, MonitoringIntervals.Default, RegionLimits.Default, [new KernelTarget(Process)], [KdamondSetup.Query(0)]);

    public string Kdamonds => Fake.Read("kdamonds/nr_kdamonds").Value;

    public OwnerRecord? Record => File.Exists(RecordFile) ? OwnerRecord.Parse(Encoding.UTF8.GetBytes(File.ReadAllText(RecordFile))) : null;

    private string RecordFile => Host.Folder + OwnershipSettings.DefaultRecordPath;

    public HostKernelInterface New(params DamonModule[] mayBeSwitchedOff) =>
        new(Tree, Host.Root, Time, new OwnershipSettings { ExclusiveModules = mayBeSwitchedOff.ToHashSet() });

    public IKdamond Taken()
    {
        var taken = Interface.Take();
        taken.IsOk.Should().BeTrue(taken.Error.ToString());
        return taken.Value;
    }

    public IKdamond Started()
    {
        var kdamond = Taken();
        kdamond.Start(Wanted).Should().Be(KernelOutcome.Done);
        return kdamond;
    }

    /// <summary>From now on another process asks.</summary>
    public void Become(int pid)
    {
        Appear(pid);
        Host.Write("/proc/self/stat", OwnershipTree.Stat(pid, "damonctl", (ulong)pid));
    }

    public void Vanish(int pid) => Host.Remove($"/proc/{pid}");

    /// <summary>Somebody ends our kdamond and makes one of their own in its place.</summary>
    public void Recreate()
    {
        Fake.Kdamonds[0].End();
        Fake.WriteBehind("kdamonds/nr_kdamonds", "1");
        Fake.WriteBehind("kdamonds/0/contexts/nr_contexts", "1");
    }

    public string Module(DamonModule module) => Host.ReadText(DamonModuleFacts.SwitchOf(module)).Trim();

    public void Module(DamonModule module, string enabled) => Host.Write(DamonModuleFacts.SwitchOf(module), enabled + "\n");

    public int WritesOf(Action action)
    {
        var before = Fake.Writes.Count;
        action();
        return Fake.Writes.Count - before;
    }

    public void Dispose()
    {
        Interface.Dispose();
        Host.Dispose();
    }

    private void Appear(int pid) => Host.Write($"/proc/{pid}/stat", OwnershipTree.Stat(pid, "any", (ulong)pid));
}
