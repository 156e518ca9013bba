using System.Globalization;
using System.Text;
using Damon.Engine.Host;
using Damon.Engine.Schemes;

namespace Damon.Engine.Machine;

/// <summary>
/// Which memory nodes are fast and which are slow. By the kernel's own tiers where it has them (Linux 6.1): Fast reaches down to the slowest tier that has a processor, as the kernel's top tier does, and Slow
/// is all below. Elsewhere nodes with memory and without processors are slow. Why, and what follows, is in docs/adr/0020.
/// </summary>
public sealed record MemoryTiers
{
    private const string Tiering = "/sys/devices/virtual/memory_tiering";
    private const string TierPrefix = "memory_tier";
    private const string Nodes = "/sys/devices/system/node";

    /// <summary>A kernel has at most 1024 nodes, no tier without one, and a few files beside them.</summary>
    private const int MaxEntries = 2048;

    /// <summary>Nobody has looked.</summary>
    public static MemoryTiers NotRead { get; } = new() { Problem = "nobody has looked" };

    /// <summary>Nodes of the fast tiers, ascending; all nodes where there is one tier, none where nothing is known.</summary>
    public IReadOnlyList<int> Fast { get; init; } = [];

    /// <summary>Nodes of the tiers below, ascending; none where there is one tier.</summary>
    public IReadOnlyList<int> Slow { get; init; } = [];

    /// <summary>How it is known.</summary>
    public MemoryTierSource Source { get; init; }

    /// <summary>Why it is not known, for people; empty where it is.</summary>
    public string Problem { get; init; } = "";

    /// <summary>Whether pages can be moved from one to the other, and why not.</summary>
    public CapabilityReason Reason =>
        Source == MemoryTierSource.None ? CapabilityReason.MemoryTiersUnknown
        : Slow.Count > 0 ? CapabilityReason.Available
        : Fast.Count == 1 ? CapabilityReason.OneMemoryNode
        : CapabilityReason.OneMemoryTier;

    /// <summary>The same in one sentence.</summary>
    public string Message => Reason switch
    {
        CapabilityReason.Available => $"Fast is {Named(Fast)}, slow {Named(Slow)}: {Basis}.",
        CapabilityReason.OneMemoryNode => "This machine has one memory node, so no tier but one.",
        CapabilityReason.OneMemoryTier => $"All memory is in one tier, {Named(Fast)}: {Basis}. Nodes can be named by their numbers.",
        _ => $"Which memory nodes are fast and which slow is not known: {Problem}. Nodes can be named by their numbers.",
    };

    private string Basis => Source == MemoryTierSource.KernelTiers ? "as the kernel's memory tiers say" : "the kernel tells no tiers, and nodes without processors count as slow";

    /// <summary>Tiers of a machine that is only computed.</summary>
    /// <param name="fast">Nodes of the fast tier.</param>
    /// <param name="slow">Nodes of the slow tier.</param>
    public static MemoryTiers Of(IReadOnlyList<int> fast, IReadOnlyList<int> slow) => new() { Fast = fast, Slow = slow, Source = MemoryTierSource.KernelTiers };

    /// <summary>Reads them. Reads only, and never fails: what cannot be read is unknown, with the reason.</summary>
    /// <param name="host">The host.</param>
    public static MemoryTiers Read(HostRoot host)
    {
        // Memory that comes or goes while the files are read leaves them disagreeing once, not twice.
        var first = ReadOnce(host);
        return first.Source == MemoryTierSource.None ? ReadOnce(host) : first;
    }

    /// <inheritdoc/>
    public bool Equals(MemoryTiers? other) =>
        other is not null && Source == other.Source && Problem == other.Problem && Fast.SequenceEqual(other.Fast) && Slow.SequenceEqual(other.Slow);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Source, Problem, Fast.Count, Slow.Count);

    private static MemoryTiers ReadOnce(HostRoot host)
    {
        var reader = new HostReader(maxBytes: 64 * 1024);
        var read = ReadList(host, reader, Nodes + "/has_memory");
        if (!read.TryGet(out var withMemory))
        {
            return Unknown(read.Error);
        }

        if (withMemory.Length == 0 || withMemory[^1] > QuotaGoal.MaxNode)
        {
            return Unknown($"{Nodes}/has_memory names {(withMemory.Length == 0 ? "no node" : $"node {withMemory[^1]}")}");
        }

        // Without a processor anywhere, or without knowing of them, nothing is said of any node's processors.
        read = ReadList(host, reader, Nodes + "/has_cpu");
        var withProcessors = read.TryGet(out var found) ? found : [];
        var listed = ReadTiers(host, reader);
        if (listed.TryGet(out var tiers))
        {
            return ByTiers(tiers, withMemory, withProcessors);
        }

        // Only a kernel without the folder has no tiers; one whose tiers cannot be read has.
        return listed.Error is not { Kind: HostErrorKind.Vanished, Subject: Tiering } ? Unknown(listed.Error)
            : read.IsOk ? ByProcessors(withMemory, withProcessors)
            : Unknown(read.Error);
    }

    private static MemoryTiers ByTiers(List<int[]> listed, int[] withMemory, int[] withProcessors)
    {
        var tiers = listed.ConvertAll(tier => Array.FindAll(tier, node => withMemory.Contains(node)));
        tiers.RemoveAll(tier => tier.Length == 0);
        if (tiers.Count == 0)
        {
            return Unknown($"no tier in {Tiering} has a node with memory");
        }

        if (tiers.SelectMany(tier => tier).GroupBy(node => node).FirstOrDefault(same => same.Count() > 1) is { } twice)
        {
            return Unknown($"node {twice.Key} is in two tiers of {Tiering}");
        }

        var last = Math.Max(0, tiers.FindLastIndex(tier => tier.Any(node => withProcessors.Contains(node))));
        return new MemoryTiers
        {
            Fast = [.. tiers.Take(last + 1).SelectMany(tier => tier).Order()],
            Slow = [.. tiers.Skip(last + 1).SelectMany(tier => tier).Order()],
            Source = MemoryTierSource.KernelTiers,
        };
    }

    private static MemoryTiers ByProcessors(int[] withMemory, int[] withProcessors)
    {
        var fast = Array.FindAll(withMemory, node => withProcessors.Contains(node));
        return fast.Length == 0 ? Unknown("no memory node has a processor") : new MemoryTiers
        {
            Fast = fast,
            Slow = [.. withMemory.Except(fast)],
            Source = MemoryTierSource.Processors,
        };
    }

    /// <summary>The kernel's tiers, the fastest first: a tier's number is its abstract distance in steps, which grows with the time that an access takes.</summary>
    private static HostResult<List<int[]>> ReadTiers(HostRoot host, HostReader reader)
    {
        var entries = new List<HostDirectoryEntry>();
        var listed = host.List(Tiering, entries, MaxEntries);
        if (!listed.IsOk)
        {
            return listed.Error;
        }

        var tiers = new SortedList<int, int[]>();
        foreach (var entry in entries)
        {
            var digits = entry.Name.StartsWith(TierPrefix, StringComparison.Ordinal) ? entry.Name[TierPrefix.Length..] : "";
            if (!int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number.ToString(CultureInfo.InvariantCulture) != digits)
            {
                continue;
            }

            var nodes = ReadList(host, reader, $"{Tiering}/{entry.Name}/nodelist");
            if (nodes.TryGet(out var list))
            {
                tiers.Add(number, list);
            }
            else if (nodes.Error.Kind != HostErrorKind.Vanished)
            {
                return nodes.Error;
            }
        }

        return tiers.Values.ToList();
    }

    private static HostResult<int[]> ReadList(HostRoot host, HostReader reader, string path)
    {
        var read = host.Read(path, reader);
        if (!read.IsOk)
        {
            return read.Error;
        }

        // The kernel ends every list with a newline: one without it is a part of a list, which would read as another one.
        var text = Encoding.UTF8.GetString(reader.Content);
        return text.EndsWith('\n') && NumberList.TryParse(text[..^1], out var numbers) ? numbers.ToArray() : new HostError(HostErrorKind.Malformed, path, "not a list of nodes");
    }

    private static MemoryTiers Unknown(HostError error) => Unknown(error.ToString());

    private static MemoryTiers Unknown(string problem) => new() { Problem = problem };

    private static string Named(IReadOnlyList<int> nodes) => $"{(nodes.Count == 1 ? "node" : "nodes")} {string.Join(", ", nodes)}";
}
