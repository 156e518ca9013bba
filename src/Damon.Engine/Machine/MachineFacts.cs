using System.Runtime.InteropServices;
using Damon.Engine.Host;
using Damon.Engine.Interop;
using Damon.Engine.Schemes;

namespace Damon.Engine.Machine;

/// <summary>What a machine and this process's rights allow. A snapshot; taking it reads only.</summary>
public sealed record MachineFacts
{
    /// <summary>The kernel.</summary>
    public required KernelRelease Kernel { get; init; }

    /// <summary>Of this process, for example X64.</summary>
    public required Architecture Architecture { get; init; }

    /// <summary>Size of a base page.</summary>
    public required int PageSizeBytes { get; init; }

    /// <summary>Memory and swap; all zero where it could not be read.</summary>
    public required Meminfo Memory { get; init; }

    /// <summary>Swap devices and files.</summary>
    public required IReadOnlyList<SwapDevice> Swaps { get; init; }

    /// <summary>When the kernel makes huge pages.</summary>
    public required TransparentHugePageMode HugePages { get; init; }

    /// <summary>Memory nodes that are online, ascending; empty where the kernel does not say.</summary>
    public required IReadOnlyList<int> NumaNodes { get; init; }

    /// <summary>How cgroups are mounted.</summary>
    public required CgroupLayout Cgroups { get; init; }

    /// <summary>Whether memory pressure can be read; without it, acting safely is not possible.</summary>
    public required bool HasMemoryPressure { get; init; }

    /// <summary>Effective capabilities of this process.</summary>
    public required ProcessCapabilities Capabilities { get; init; }

    /// <summary>Whether the idle-page bitmap is there.</summary>
    public required bool HasIdlePageBitmap { get; init; }

    /// <summary>Whether clear_refs is there.</summary>
    public required bool HasClearRefs { get; init; }

    /// <summary>Whether smaps has Referenced numbers.</summary>
    public required bool HasReferenced { get; init; }

    /// <summary>Whether pagemap shows frame numbers to this process.</summary>
    public required bool PagemapShowsFrames { get; init; }

    /// <summary>Whether kpageflags can be read.</summary>
    public required bool HasPageFlags { get; init; }

    /// <summary>The kernel's DAMON.</summary>
    public required KernelDamonFacts Damon { get; init; }

    /// <summary>Reads them.</summary>
    /// <param name="host">The host. What concerns this process is read in the host's <c>/proc/self</c>.</param>
    public static MachineFacts Read(HostRoot host)
    {
        var reader = new HostReader(maxBytes: 16 * 1024 * 1024);
        var hasSmaps = host.Read("/proc/self/smaps", reader).IsOk;
        var entries = ProcSmaps.Enumerate(hasSmaps ? reader.Content : default);
        var hasReferenced = entries.MoveNext() && entries.Current.IsComplete;
        return new MachineFacts
        {
            Kernel = KernelRelease.Parse(host.ReadText("/proc/sys/kernel/osrelease").TryGet(out var release) ? release : ""),
            Architecture = RuntimeInformation.ProcessArchitecture,
            PageSizeBytes = Native.PageSizeBytes,
            Memory = host.Read("/proc/meminfo", reader).IsOk && Meminfo.TryParse(reader.Content, out var memory) ? memory : default,
            Swaps = host.Read("/proc/swaps", reader).IsOk ? SwapDevice.Parse(reader.Content) : [],
            HugePages = host.Read(TransparentHugePages.EnabledPath, reader).IsOk ? TransparentHugePages.Parse(reader.Content) : TransparentHugePageMode.Unknown,
            NumaNodes = host.ReadText("/sys/devices/system/node/online").TryGet(out var nodes) && NumberList.TryParse(nodes, out var online) ? online : [],
            Cgroups = CgroupLayout.Detect(host),
            HasMemoryPressure = host.Read("/proc/pressure/memory", reader).IsOk && Pressure.TryParse(reader.Content, out _),
            Capabilities = host.Read("/proc/self/status", reader).IsOk && ProcStatus.TryParse(reader.Content, out var status) ? (ProcessCapabilities)status.EffectiveCapabilities : ProcessCapabilities.None,
            HasIdlePageBitmap = host.Exists(PageIdleBitmap.Path),
            HasClearRefs = host.Exists("/proc/self/clear_refs"),
            HasReferenced = hasReferenced,
            PagemapShowsFrames = ShowsFrames(host, reader),
            HasPageFlags = CanOpen(host, "/proc/kpageflags"),
            Damon = KernelDamonFacts.Read(host),
        };
    }

    /// <summary>Whether a backend can be used.</summary>
    /// <param name="backend">Which one.</param>
    public BackendCapability Backend(MonitoringBackend backend) => backend switch
    {
        MonitoringBackend.Kernel => KernelBackend(),
        MonitoringBackend.IdlePage => IdlePageBackend(),
        _ => ReferencedBackend(),
    };

    /// <summary>Whether an action can be carried out on other processes' memory.</summary>
    /// <param name="action">Which one.</param>
    public ActionCapability Action(SchemeAction action)
    {
        if (UserSpaceAction.WhyNot(action) is { Length: > 0 } why)
        {
            return new(action, IsAvailable: false, CapabilityReason.NotInUserSpace, $"It can be counted, not carried out: {why}.");
        }

        if (action is SchemeAction.MigrateHot or SchemeAction.MigrateCold)
        {
            return Migration(action);
        }

        if (action == SchemeAction.Reclaim)
        {
            return Reclaim();
        }

        var (major, minor) = action switch
        {
            SchemeAction.Stat => (0, 0),
            SchemeAction.Pageout or SchemeAction.Cold or SchemeAction.WillNeed => (5, 10),
            SchemeAction.Collapse => (6, 1),
            _ => (-1, -1),
        };
        return major switch
        {
            0 => new(action, IsAvailable: true, CapabilityReason.Available, "Counting needs nothing."),
            < 0 => new(action, IsAvailable: false, CapabilityReason.NotInThisVersion, "This version does not carry it out."),
            _ when !Kernel.IsAtLeast(major, minor) => new(
                action, IsAvailable: false, CapabilityReason.NotInKernel, $"process_madvise with this advice needs Linux {major}.{minor}; this is {Kernel.Text}."),
            _ when !Has(ProcessCapabilities.SysPtrace) => new(action, IsAvailable: false, CapabilityReason.NeedsCapSysPtrace, "process_madvise on other processes needs CAP_SYS_PTRACE."),
            _ when !Has(ProcessCapabilities.SysNice) => new(action, IsAvailable: false, CapabilityReason.NeedsCapSysNice, "process_madvise on other processes needs CAP_SYS_NICE."),
            _ when !ReadsAnyPageMap => PageMapsOfOwnUser(action),
            _ when action == SchemeAction.Pageout && !Has(ProcessCapabilities.FileOwner) && !Has(ProcessCapabilities.DacOverride) => new(
                action, IsAvailable: true, CapabilityReason.Available, "Works on anonymous memory; file pages of other users stay, silently, without CAP_FOWNER or CAP_DAC_OVERRIDE."),
            _ => new(action, IsAvailable: true, CapabilityReason.Available, "process_madvise can do it."),
        };
    }

    /// <summary>Whether this process has a capability.</summary>
    /// <param name="capability">Which one.</param>
    public bool Has(ProcessCapabilities capability) => (Capabilities & capability) == capability;

    /// <summary>The file is its process's user's alone; whoever else reads it needs the right to read any file.</summary>
    private bool ReadsAnyPageMap => Has(ProcessCapabilities.DacReadSearch) || Has(ProcessCapabilities.DacOverride);

    private static ActionCapability PageMapsOfOwnUser(SchemeAction action) => new(
        action, IsAvailable: true, CapabilityReason.NeedsCapDacReadSearch, "Works for processes of this user only: effects are counted in the page map, and reading other users' needs CAP_DAC_READ_SEARCH or CAP_DAC_OVERRIDE.");

    private ActionCapability Migration(SchemeAction action) =>
        NumaNodes.Count == 1 ? new(action, IsAvailable: false, CapabilityReason.OneMemoryNode, "This machine has one memory node: there is nowhere to move to. What would be moved cannot be counted either.")
        : !Has(ProcessCapabilities.SysPtrace) ? new(action, IsAvailable: false, CapabilityReason.NeedsCapSysPtrace, "move_pages on other processes needs CAP_SYS_PTRACE.")
        : !ReadsAnyPageMap ? PageMapsOfOwnUser(action)
        : new(action, IsAvailable: true, CapabilityReason.Available, "move_pages can do it, for pages that no other process maps.");

    private ActionCapability Reclaim() =>
        !Cgroups.MemoryIsV2 ? new(
            SchemeAction.Reclaim, IsAvailable: false, CapabilityReason.NeedsCgroupV2, "It can be counted, not carried out: memory is not accounted in cgroup v2, and only that has memory.reclaim.")
        : !Kernel.IsAtLeast(5, 19) ? new(
            SchemeAction.Reclaim, IsAvailable: false, CapabilityReason.NotInKernel, $"It can be counted, not carried out: memory.reclaim needs Linux 5.19; this is {Kernel.Text}.")
        : new(
            SchemeAction.Reclaim,
            IsAvailable: false,
            CapabilityReason.NotInThisVersion,
            "It can be counted. This version does not carry it out: a call that the kernel does not come back from would stop everything else.");

    private static bool CanOpen(HostRoot host, string path)
    {
        var opened = host.Open(path);
        (opened.TryGet(out var file) ? file : null)?.Dispose();
        return opened.IsOk;
    }

    /// <summary>Looks for one own page whose frame is shown. Every process has pages, so seeing none with a frame means that frames are hidden.</summary>
    private static bool ShowsFrames(HostRoot host, HostReader reader)
    {
        const int PagesPerMapping = 16;
        if (!host.Read("/proc/self/maps", reader).IsOk || !host.Open("/proc/self/pagemap").TryGet(out var pagemap))
        {
            return false;
        }

        using (pagemap)
        {
            Span<ulong> entries = stackalloc ulong[PagesPerMapping];
            foreach (var mapping in ProcMaps.Enumerate(reader.Content))
            {
                var offset = (long)(mapping.Start / (ulong)Native.PageSizeBytes * PagemapEntry.SizeBytes);
                if (!mapping.CanHoldPages || !pagemap.ReadAt(MemoryMarshal.AsBytes(entries), offset).TryGet(out var read))
                {
                    continue;
                }

                foreach (var bits in entries[..(read / PagemapEntry.SizeBytes)])
                {
                    if (new PagemapEntry(bits).Frame != 0)
                    {
                        return true;
                    }
                }
            }
        }

        return false;
    }

    private BackendCapability KernelBackend()
    {
        // Distributions differ in what they build; the file decides. Order: is it there, is it free, can we drive it.
        if (!Damon.HasSysfs)
        {
            return new(MonitoringBackend.Kernel, IsAvailable: false, CapabilityReason.NotInKernel, "The kernel has no DAMON sysfs interface.");
        }

        if (Damon.WhoElse is { Length: > 0 } somebody)
        {
            return new(MonitoringBackend.Kernel, IsAvailable: false, CapabilityReason.Busy, somebody);
        }

        return Damon.WriteError.Kind switch
        {
            HostErrorKind.None => Free(),
            HostErrorKind.Denied when Damon.WriteError.Detail.Length > 0 => new(
                MonitoringBackend.Kernel, IsAvailable: false, CapabilityReason.MountedReadOnly, "The kernel's DAMON is free, and /sys is mounted read-only here."),
            HostErrorKind.Denied when Has(ProcessCapabilities.DacOverride) => Free(),
            HostErrorKind.Denied => new(
                MonitoringBackend.Kernel, IsAvailable: false, CapabilityReason.NeedsCapDacOverride, "The kernel's DAMON is free, and its files are root's alone: writing them needs root or CAP_DAC_OVERRIDE."),
            _ => new(MonitoringBackend.Kernel, IsAvailable: false, CapabilityReason.NotInKernel, $"The kernel's DAMON cannot be used ({Damon.WriteError})."),
        };

        BackendCapability Free() => new(
            MonitoringBackend.Kernel,
            IsAvailable: true,
            CapabilityReason.Available,
            Damon.Owner switch
            {
                DamonOwner.ThisProcess => "The kernel's own DAMON samples; this process has it.",
                DamonOwner.Predecessor => $"The kernel's own DAMON samples; what process {Damon.OwnerPid}, an agent of ours that has ended, has left is cleaned up first.",
                _ => "The kernel's own DAMON samples, and nobody else uses it.",
            });
    }

    private BackendCapability IdlePageBackend()
    {
        if (!HasIdlePageBitmap)
        {
            return new(MonitoringBackend.IdlePage, IsAvailable: false, CapabilityReason.NoIdlePageTracking, "The kernel was built without CONFIG_IDLE_PAGE_TRACKING.");
        }

        if (!PagemapShowsFrames)
        {
            return new(MonitoringBackend.IdlePage, IsAvailable: false, CapabilityReason.NeedsCapSysAdmin, "Frame numbers are hidden in pagemap; CAP_SYS_ADMIN shows them.");
        }

        if (!Has(ProcessCapabilities.SysPtrace))
        {
            return new(MonitoringBackend.IdlePage, IsAvailable: false, CapabilityReason.NeedsCapSysPtrace, "Reading other processes' pagemap needs CAP_SYS_PTRACE.");
        }

        if (!ReadsAnyPageMap)
        {
            return new(MonitoringBackend.IdlePage, IsAvailable: true, CapabilityReason.NeedsCapDacReadSearch, "Works for processes of this user only: reading other users' page map needs CAP_DAC_READ_SEARCH or CAP_DAC_OVERRIDE.");
        }

        return new(
            MonitoringBackend.IdlePage,
            IsAvailable: true,
            CapabilityReason.Available,
            HasPageFlags ? "The idle-page bitmap samples single pages." : "The idle-page bitmap samples single pages; without /proc/kpageflags pages of large folios read as accessed.");
    }

    private BackendCapability ReferencedBackend()
    {
        if (!HasClearRefs || !HasReferenced)
        {
            return new(MonitoringBackend.Referenced, IsAvailable: false, CapabilityReason.NoPageMonitor, "The kernel has no clear_refs or no Referenced in smaps (CONFIG_PROC_PAGE_MONITOR).");
        }

        if (!Has(ProcessCapabilities.DacOverride))
        {
            // A user's own processes need no right at all; another's is then refused by the kernel, process by process.
            return new(MonitoringBackend.Referenced, IsAvailable: true, CapabilityReason.NeedsCapDacOverride, "Works for this user's own processes only, when named: other users' clear_refs needs CAP_DAC_OVERRIDE.");
        }

        if (!Has(ProcessCapabilities.SysPtrace))
        {
            return new(MonitoringBackend.Referenced, IsAvailable: true, CapabilityReason.NeedsCapSysPtrace, "Works for this user's own processes only, when named: other users' smaps needs CAP_SYS_PTRACE.");
        }

        return new(
            MonitoringBackend.Referenced, IsAvailable: true, CapabilityReason.OptInOnly, "Works per mapping, clears the kernel's accessed bits and stalls the process while it does: only when named.");
    }
}
