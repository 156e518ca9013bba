using Damon.Engine.Host;
using Damon.Engine.Schemes;

namespace Damon.Engine.KernelDamon;

/// <summary>
/// Measures by the control groups' own counts (v2). Page-out: memory.swap.current grows by what anonymous memory leaves, and the file pages of memory.stat fall; that the group's processes end is no
/// effect, because then nothing is swapped. Moves: memory.numa_stat of the destination. Huge pages: anon_thp of memory.stat.
/// </summary>
/// <param name="host">The host.</param>
public sealed class CgroupEffectMeter(HostRoot host) : IEffectMeter
{
    private readonly HostReader _reader = new(maxBytes: 2 * 1024 * 1024);

    /// <inheritdoc/>
    public bool CanMeasure(SchemeAction action) => action is SchemeAction.Pageout or SchemeAction.MigrateHot or SchemeAction.MigrateCold or SchemeAction.HugePage;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, EffectLevel> ReadLevels(SchemeAction action, int? node, IReadOnlyList<EligibleCgroup> cgroups)
    {
        ArgumentNullException.ThrowIfNull(cgroups);
        var levels = new Dictionary<string, EffectLevel>(cgroups.Count, StringComparer.Ordinal);
        var layout = CgroupLayout.Detect(host);
        if (!layout.MemoryIsV2)
        {
            return levels;
        }

        foreach (var cgroup in cgroups)
        {
            var directory = layout.MemoryRoot + cgroup.Path;
            var level = action switch
            {
                SchemeAction.Pageout => PagedOut(directory),
                SchemeAction.MigrateHot or SchemeAction.MigrateCold when node is { } destination => OnNode(directory, destination),
                SchemeAction.HugePage => HugePages(directory),
                _ => null,
            };
            if (level is { } known)
            {
                levels[cgroup.Path] = known;
            }
        }

        return levels;
    }

    private EffectLevel? PagedOut(string directory)
    {
        // A kernel without swap accounting has no such file: then only file pages can be seen to leave.
        var swapped = host.Read(directory + "/memory.swap.current", _reader).IsOk && CgroupValue.TryParse(_reader.Content, out var swap) && swap <= long.MaxValue ? (long)swap : 0;
        return host.Read(directory + "/memory.stat", _reader).IsOk && CgroupMemoryStat.TryParse(_reader.Content, out var stat) && stat.FileBytes <= long.MaxValue
            ? new EffectLevel(swapped, -(long)stat.FileBytes)
            : null;
    }

    private EffectLevel? OnNode(string directory, int node) =>
        host.Read(directory + "/memory.numa_stat", _reader).IsOk && CgroupNumaStat.TryGetUsed(_reader.Content, node, out var used) && used <= long.MaxValue ? new EffectLevel(0, (long)used) : null;

    private EffectLevel? HugePages(string directory) =>
        host.Read(directory + "/memory.stat", _reader).IsOk && FlatKeyed.TryGet(_reader.Content, "anon_thp"u8, out var huge) && huge <= long.MaxValue ? new EffectLevel(0, (long)huge) : null;
}
