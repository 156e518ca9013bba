using Damon.Engine.Host;
using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;

namespace Damon.Engine.Actions;

/// <summary>
/// Acts on one process's memory in every way that user space has, each by what carries it out: advice through <see cref="ProcessMadviseActor"/>, moving to another memory node through move_pages(2),
/// and reclaim through the control group where one is given. What is not asked for is not opened.
/// </summary>
/// <remarks>
/// Actions that user space cannot carry out (<see cref="UserSpaceAction.WhyNot"/>) are measured all the same, so that they can be observed; applied, they are
/// <see cref="ActionOutcome.Unsupported"/>.
/// </remarks>
public sealed class TargetActor : IMemoryActor
{
    private readonly ProcessMadviseActor _advice;
    private static readonly PageFilters NoAnonymous = new([new(SchemeFilterType.Anonymous, Matching: true, Allow: false)]);

    private readonly Func<HostResult<PageMigrator>> _openMigrator;
    private readonly Func<HostResult<CgroupReclaimer>>? _openReclaimer;
    private PageMigrator? _migrator;
    private CgroupReclaimer? _reclaimer;

    internal TargetActor(ProcessMadviseActor advice, Func<HostResult<PageMigrator>> openMigrator, Func<HostResult<CgroupReclaimer>>? openReclaimer = null)
    {
        _advice = advice;
        _openMigrator = openMigrator;
        _openReclaimer = openReclaimer;
    }

    /// <inheritdoc/>
    public string LastError { get; private set; } = "";

    /// <summary>Which process is acted on.</summary>
    public ProcessIdentity Process => _advice.Process;

    /// <summary>Opens an actor for one process, which reclaims from no control group. Does nothing to it yet.</summary>
    /// <param name="host">The host.</param>
    /// <param name="process">Which process it must be.</param>
    /// <param name="time">The clock by which cached mappings and nodes grow old.</param>
    public static HostResult<TargetActor> Open(HostRoot host, ProcessIdentity process, TimeProvider time) => Open(host, process, time, openReclaimer: null);

    /// <summary>As the other one, with a control group for <see cref="SchemeAction.Reclaim"/>: everything in it, and below it, is within the kernel's reach then.</summary>
    /// <param name="host">The host.</param>
    /// <param name="process">Which process it must be.</param>
    /// <param name="time">The clock by which cached mappings and nodes grow old.</param>
    /// <param name="reclaimFrom">
    /// Says which group that is; null where it is not known. It is asked, and the group opened, when it is first to be reclaimed from: whoever never does needs no right to it. On whatever thread acts.
    /// </param>
    public static HostResult<TargetActor> Open(HostRoot host, ProcessIdentity process, TimeProvider time, Func<ControlGroup?> reclaimFrom)
    {
        return Open(host, process, time, OpenReclaimer);

        HostResult<CgroupReclaimer> OpenReclaimer() =>
            reclaimFrom() is { } group ? CgroupReclaimer.Open(host, group) : new HostError(HostErrorKind.Unsupported, $"process {process.Pid}", "its control group is not known, and Reclaim takes from that");
    }

    /// <inheritdoc/>
    public ActionOutcome ReadResident(out ulong residentBytes) => Advised(_advice.ReadResident(out residentBytes));

    /// <inheritdoc/>
    public ActionOutcome Measure(MemoryAction action, AddressRange range, ulong maxBytes, out Reach reach, PageFilters filters = default)
    {
        if (!Migrates(action))
        {
            return Advised(_advice.Measure(action, range, maxBytes, out reach, filters));
        }

        reach = new Reach(range.Start, 0);
        var opened = OpenMigrator(out var migrator);
        if (migrator is null)
        {
            return opened;
        }

        var outcome = migrator.Measure(action, range, maxBytes, filters, out reach);
        LastError = migrator.LastError;
        return outcome;
    }

    /// <inheritdoc/>
    public ActionResult Apply(MemoryAction action, ReadOnlySpan<AddressRange> ranges, PageFilters filters = default)
    {
        if (action.Kind == SchemeAction.Reclaim && _openReclaimer is { } open)
        {
            return Reclaim(open, action, ranges, filters);
        }

        if (!Migrates(action))
        {
            var advised = _advice.Apply(action, ranges, filters);
            LastError = _advice.LastError;
            return advised;
        }

        var opened = OpenMigrator(out var migrator);
        if (migrator is null)
        {
            return new ActionResult(opened, 0, 0);
        }

        var result = migrator.Apply(action, ranges, filters);
        LastError = migrator.LastError;
        return result;
    }

    /// <inheritdoc/>
    public ActionOutcome EndLook(AddressRange range, PageFilters filters) => Advised(_advice.EndLook(range, filters));

    /// <inheritdoc/>
    public void Dispose()
    {
        _advice.Dispose();
        _migrator?.Dispose();
        _reclaimer?.Dispose();
    }

    private static HostResult<TargetActor> Open(HostRoot host, ProcessIdentity process, TimeProvider time, Func<HostResult<CgroupReclaimer>>? openReclaimer)
    {
        var advice = ProcessMadviseActor.Open(host, process, time);
        return advice.IsOk ? new TargetActor(advice.Value, () => PageMigrator.Open(host, process, time), openReclaimer) : advice.Error;
    }

    private static bool Migrates(MemoryAction action) => action.Kind is SchemeAction.MigrateHot or SchemeAction.MigrateCold;

    /// <summary>The kernel chooses the pages: what is asked for is at most the given amount, and at most what the ranges hold now that could leave.</summary>
    private ActionResult Reclaim(Func<HostResult<CgroupReclaimer>> open, MemoryAction action, ReadOnlySpan<AddressRange> ranges, PageFilters filters)
    {
        LastError = "";
        if (!filters.IsEmpty)
        {
            LastError = $"process {Process.Pid}: Reclaim lets the kernel choose the pages, and it knows nothing of page filters";
            return new ActionResult(ActionOutcome.Unsupported, 0, 0);
        }

        if (_reclaimer is null)
        {
            var opened = open();
            if (!opened.IsOk)
            {
                LastError = $"process {Process.Pid}: {opened.Error}";
                return new ActionResult(HostOutcome.Of(opened.Error.Kind), 0, 0, opened.Error.Errno);
            }

            _reclaimer = opened.Value;
        }

        ulong size = 0, bytes = 0;
        foreach (var range in ranges)
        {
            size += range.SizeBytes;
            if (bytes >= action.AmountBytes)
            {
                continue;
            }

            var outcome = Measure(SchemeAction.Reclaim, range, action.AmountBytes - bytes, out var reach, action.SparesAnonymous ? NoAnonymous : default);
            if (outcome != ActionOutcome.Applied)
            {
                return new ActionResult(outcome, 0, 0);
            }

            bytes += reach.ReachableBytes;
        }

        bytes = Math.Min(bytes, action.AmountBytes);
        var result = _reclaimer.Reclaim(bytes, action.SparesAnonymous);
        LastError = _reclaimer.LastError;

        // In bytes of address space, as every action tells it: the same share of the ranges as of the amount.
        return bytes == 0 ? result with { Outcome = ActionOutcome.NoEffect } : result with { AdvisedBytes = RegionColumns.Share(size, result.AdvisedBytes, bytes) };
    }

    private ActionOutcome OpenMigrator(out PageMigrator? migrator)
    {
        if (_migrator is null)
        {
            var opened = _openMigrator();
            if (!opened.IsOk)
            {
                migrator = null;
                LastError = $"process {Process.Pid}: {opened.Error}";
                return HostOutcome.Of(opened.Error.Kind);
            }

            _migrator = opened.Value;
        }

        migrator = _migrator;
        return ActionOutcome.Applied;
    }

    private ActionOutcome Advised(ActionOutcome outcome)
    {
        LastError = _advice.LastError;
        return outcome;
    }
}
