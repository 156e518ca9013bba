using Damon.Engine.Host;
using Damon.Engine.KernelDamon;
using Damon.Engine.Machine;
using Damon.Testing;

namespace Damon.Engine.Tests.KernelDamon;

/// <summary>The machine that the tests run on, where somebody else's kdamond runs: it is seen, and left alone.</summary>
public class LiveOwnershipTests(ITestOutputHelper output)
{
    [Fact]
    public void Somebody_elses_kdamond_on_this_machine_is_named_and_nothing_is_written()
    {
        var host = new HostRoot();
        Assert.SkipUnless(host.Exists(HostDamonTree.Root + "/kdamonds/nr_kdamonds"), "this kernel has no DAMON sysfs interface");
        Assert.SkipUnless(host.ReadText(HostDamonTree.Root + "/kdamonds/nr_kdamonds").IsOk, "only root reads the kernel's DAMON");
        var facts = KernelDamonFacts.Read(host);
        Assert.SkipUnless(facts.Owner is DamonOwner.Sysfs, $"nobody else uses the kernel's DAMON here ({facts.Summary})");
        using var folder = new FakeHost();
        using var agent = new DamonOwnership(
            new ReadOnlyTree(new HostDamonTree(host)),
            host,
            TimeProvider.System,
            new OwnershipSettings { RecordPath = folder.Folder + "/record/owner.json", ExclusiveModules = Enum.GetValues<DamonModule>().ToHashSet(), Patience = TimeSpan.FromSeconds(2) });

        var outcome = agent.Take(1);

        output.WriteLine(outcome.Message);
        outcome.Kind.Should().Be(KernelOutcomeKind.Busy);
        outcome.Message.Should().Contain("kdamond 0");
        agent.IsHeld.Should().BeFalse();
        folder.Root.Exists("/record").Should().BeFalse();
    }

    /// <summary>Fails the test where anything would be written.</summary>
    private sealed class ReadOnlyTree(IDamonTree tree) : IDamonTree
    {
        public bool Exists(string path) => tree.Exists(path);

        public HostResult<string> Read(string path) => tree.Read(path);

        public HostResult<IReadOnlyList<string>> List(string path) => tree.List(path);

        public HostResult<FileIdentity> Identify(string path) => tree.Identify(path);

        public HostResult<int> Write(string path, string text)
        {
            Assert.Fail($"{path} would have been written with '{text}' on a machine that is somebody else's");
            return 0;
        }
    }
}
