using CsCheck;
using Damon.Engine.Machine;
using Damon.Testing;

namespace Damon.Engine.Tests.Machine;

public class MemoryTiersTests
{
    private const string Tiering = "/sys/devices/virtual/memory_tiering";
    private const string Nodes = "/sys/devices/system/node";

    // Tiers as number=nodes; nodes with memory; nodes with processors; what follows.
    [Theory]
    [InlineData("4=0 22=1", "0-1", "0", "0", "1")] // DRAM and CXL
    [InlineData("4=0-1 22=2-3", "0-3", "0-1", "0 1", "2 3")] // two sockets
    [InlineData("4=0 22=1 40=2", "0-2", "0", "0", "1 2")] // two tiers below
    [InlineData("2=1 4=0 22=2", "0-2", "0", "0 1", "2")] // HBM without processors above DRAM
    [InlineData("4=0 22=1 40=2", "0-2", "0-1", "0 1", "2")] // a slower node with processors is not slow
    [InlineData("22=1 4=0", "0-1", "0", "0", "1")] // listed in any order
    [InlineData("4=0 22=1", "0-1", "", "0", "1")] // processors nowhere: the fastest tier
    [InlineData("4=0 9=1 10=2", "0-2", "0", "0", "1 2")] // by number and not by name
    [InlineData("4=0 22= 40=1", "0-1", "0", "0", "1")] // a tier whose nodes are gone
    [InlineData("4=0 22=1", "0", "0", "0", "")] // the slow node's memory is gone
    [InlineData("4=0,2 22=1", "0-2", "0,2", "0 2", "1")]
    public void Fast_reaches_down_to_the_slowest_tier_with_a_processor(string tiers, string memory, string processors, string fast, string slow)
    {
        using var host = Machine(memory, processors, tiers.Split(' '));

        var read = MemoryTiers.Read(host.Root);

        (Text(read.Fast), Text(read.Slow), read.Source, read.Problem).Should().Be((fast, slow, MemoryTierSource.KernelTiers, ""));
    }

    [Theory]
    [InlineData("0-1", "0", "0", "1")]
    [InlineData("0-3", "0-1", "0 1", "2 3")]
    [InlineData("0-1", "0-1", "0 1", "")]
    [InlineData("1-2", "0-1", "1", "2")] // node 0 has processors and no memory
    public void Without_tiers_of_the_kernel_nodes_without_processors_are_slow(string memory, string processors, string fast, string slow)
    {
        using var host = Machine(memory, processors);

        var read = MemoryTiers.Read(host.Root);

        (Text(read.Fast), Text(read.Slow), read.Source).Should().Be((fast, slow, MemoryTierSource.Processors));
    }

    [Theory]
    [InlineData("4=0", "0", CapabilityReason.OneMemoryNode)]
    [InlineData("4=0-1", "0-1", CapabilityReason.OneMemoryTier)]
    [InlineData("4=0 22=1", "0-1", CapabilityReason.Available)]
    public void One_tier_is_none(string tiers, string memory, CapabilityReason reason)
    {
        using var host = Machine(memory, "0", tiers.Split(' '));

        MemoryTiers.Read(host.Root).Should().Match<MemoryTiers>(read => read.Reason == reason && read.Message.EndsWith('.'));
    }

    [Fact]
    public void Without_tiers_and_with_one_node_there_is_one_node()
    {
        using var host = Machine("0", "0");

        MemoryTiers.Read(host.Root).Reason.Should().Be(CapabilityReason.OneMemoryNode);
    }

    // What is wrong; which file the reason names.
    [Theory]
    [InlineData("memory gone", "has_memory")]
    [InlineData("memory empty", "has_memory")]
    [InlineData("memory none", "has_memory")]
    [InlineData("memory hostile", "has_memory")]
    [InlineData("memory beyond", "has_memory")]
    [InlineData("tier cut", "memory_tier22/nodelist")]
    [InlineData("tier hostile", "memory_tier22/nodelist")]
    [InlineData("tier endless", "memory_tier22/nodelist")]
    [InlineData("tier a folder", "memory_tier22/nodelist")]
    [InlineData("tiers strange", "no tier")]
    [InlineData("node twice", "node 1 is in two tiers")]
    [InlineData("no tiers and processors gone", "has_cpu")]
    [InlineData("no tiers and processors cut", "has_cpu")]
    [InlineData("no tiers and no processors", "no memory node has a processor")]
    public void What_cannot_be_read_is_unknown_and_never_guessed(string what, string named)
    {
        using var host = Machine("0-1", "0", "4=0", "22=1");
        switch (what)
        {
            case "memory gone":
                host.Remove(Nodes + "/has_memory");
                break;
            case "memory empty":
                host.Write(Nodes + "/has_memory", "");
                break;
            case "memory none":
                host.Write(Nodes + "/has_memory", "\n");
                break;
            case "memory hostile":
                host.Write(Nodes + "/has_memory", "0-4294967295\n");
                break;
            case "memory beyond":
                host.Write(Nodes + "/has_memory", "0-1024\n");
                break;
            case "tier cut":
                host.Write(Tiering + "/memory_tier22/nodelist", "1");
                break;
            case "tier hostile":
                host.Write(Tiering + "/memory_tier22/nodelist", "1,0\0\n");
                break;
            case "tier endless":
                host.Write(Tiering + "/memory_tier22/nodelist", new string('1', 70_000));
                break;
            case "tier a folder":
                host.Remove(Tiering + "/memory_tier22/nodelist").MakeDirectory(Tiering + "/memory_tier22/nodelist");
                break;
            case "tiers strange":
                host.Remove(Tiering + "/memory_tier4").Remove(Tiering + "/memory_tier22");
                foreach (var name in (string[])["memory_tier", "memory_tier-1", "memory_tier04", "memory_tier99999999999", "memory_tierx", "memory_tier4 ", "tier4"])
                {
                    host.Write($"{Tiering}/{name}/nodelist", "0\n");
                }

                break;
            case "node twice":
                host.Write(Tiering + "/memory_tier4/nodelist", "0-1\n");
                break;
            case "no tiers and processors gone":
                host.Remove(Tiering).Remove(Nodes + "/has_cpu");
                break;
            case "no tiers and processors cut":
                host.Remove(Tiering).Write(Nodes + "/has_cpu", "0");
                break;
            default:
                host.Remove(Tiering).Write(Nodes + "/has_cpu", "\n");
                break;
        }

        var read = MemoryTiers.Read(host.Root);

        (read.Fast.Count, read.Slow.Count, read.Source, read.Reason).Should().Be((0, 0, MemoryTierSource.None, CapabilityReason.MemoryTiersUnknown));
        read.Problem.Should().Contain(named);
        read.Message.Should().Contain(named).And.EndWith(".");
    }

    [Fact]
    public void A_tier_that_goes_between_the_listing_and_its_file_is_gone()
    {
        using var host = Machine("0-1", "0", "4=0", "22=1");
        host.Remove(Tiering + "/memory_tier22/nodelist");

        MemoryTiers.Read(host.Root).Should().Match<MemoryTiers>(read => read.Source == MemoryTierSource.KernelTiers && read.Slow.Count == 0);
    }

    [Fact]
    public void Whose_processors_are_not_known_has_its_fastest_tier_for_fast()
    {
        using var host = Machine("0-2", "0-2", "2=1", "4=0", "22=2");
        host.Remove(Nodes + "/has_cpu");

        MemoryTiers.Read(host.Root).Should().Match<MemoryTiers>(read => Text(read.Fast) == "1" && Text(read.Slow) == "0 2");
    }

    [Fact]
    public void Nobody_who_has_not_looked_knows() => MemoryTiers.NotRead.Reason.Should().Be(CapabilityReason.MemoryTiersUnknown);

    [Fact]
    public void Every_node_with_memory_that_is_in_a_tier_is_either_fast_or_slow_and_no_slow_one_has_a_processor() =>
        Gen.Select(Gen.Int[0, 6].Array[1, 12], Gen.Bool.Array[12], Gen.Bool.Array[12]).Sample((tierOf, hasMemory, hasProcessor) =>
        {
            var nodes = Enumerable.Range(0, tierOf.Length).ToList();
            var memory = nodes.FindAll(node => hasMemory[node]);
            var tiers = nodes.GroupBy(node => tierOf[node]).Select(tier => $"{tier.Key}={string.Join(',', tier)}").ToArray();
            using var host = Machine(string.Join(',', memory), string.Join(',', nodes.Where(node => hasProcessor[node])), tiers);

            var read = MemoryTiers.Read(host.Root);

            read.Fast.Concat(read.Slow).Order().Should().Equal(memory);
            read.Slow.Any(node => hasProcessor[node]).Should().BeFalse();
            read.Slow.All(slow => read.Fast.All(fast => tierOf[fast] < tierOf[slow])).Should().BeTrue();
        });

    private static FakeHost Machine(string memory, string processors, params string[] tiers)
    {
        var host = FakeHost.With((Nodes + "/has_memory", memory + "\n"), (Nodes + "/has_cpu", processors + "\n"), (Nodes + "/online", memory + "\n"));
        foreach (var tier in tiers)
        {
            var parts = tier.Split('=');
            host.Write($"{Tiering}/memory_tier{parts[0]}/nodelist", parts[1] + "\n").Write($"{Tiering}/memory_tier{parts[0]}/uevent", "");
        }

        if (tiers.Length > 0)
        {
            host.Write(Tiering + "/uevent", "").MakeDirectory(Tiering + "/power");
        }

        return host;
    }

    private static string Text(IEnumerable<int> nodes) => string.Join(' ', nodes);
}
