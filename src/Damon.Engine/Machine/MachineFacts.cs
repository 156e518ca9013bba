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

    /// <summary>Which memory nodes are fast and which are slow.</summary>
    public required MemoryTiers Tiers { get; init; }

    /// <summary>How cgroups are mounted.</summary>
    public required CgroupLayout Cgroups { get; init; }

    /// <summary>Why <c>memory.reclaim</c> cannot be written, as its file in the root of the v2 hierarchy shows; no error where it can.</summary>
    public HostError ReclaimError { get; init; }

    /// <summary>Whether the kernel can be told to reclaim pages of files only, by its version: what a file takes that can only be written is seen when it is.</summary>
    public bool ReclaimTakesSwappiness => Kernel.IsAtLeast(6, 9);

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

    /// <summary>Which advice the kernel takes for other processes.</summary>
    public ProcessAdvice Advice { get; init; } = ProcessAdvice.NotAsked;

    /// <summary>Reads them.</summary>
    /// <param name="host">The host. What concerns this process is read in the host's <c>/proc/self</c>.</param>
    /// <param name="advice">What <see cref="ProcessAdviceProbe"/> has found out, which no file says; null where it was not asked.</param>
    public static MachineFacts Read(HostRoot host, ProcessAdvice? advice = null)
    {
        var reader = new HostReader(maxBytes: 16 * 1024 * 1024);
        var hasSmaps = host.Read("/proc/self/smaps", reader).IsOk;
        var entries = ProcSmaps.Enumerate(hasSmaps ? reader.Content : default);
        var hasReferenced = entries.MoveNext() && entries.Current.IsComplete;
        var cgroups = CgroupLayout.Detect(host);
        return new MachineFacts
        {
            Kernel = KernelRelease.Parse(host.ReadText("/proc/sys/kernel/osrelease").TryGet(out var release) ? release : ""),
            Architecture = RuntimeInformation.ProcessArchitecture,
            PageSizeBytes = Native.PageSizeBytes,
            Memory = host.Read("/proc/meminfo", reader).IsOk && Meminfo.TryParse(reader.Content, out var memory) ? memory : default,
            Swaps = host.Read("/proc/swaps", reader).IsOk ? SwapDevice.Parse(reader.Content) : [],
            HugePages = host.Read(TransparentHugePages.EnabledPath, reader).IsOk ? TransparentHugePages.Parse(reader.Content) : TransparentHugePageMode.Unknown,
            NumaNodes = ReadNodes(host),
            Tiers = MemoryTiers.Read(host),
            Cgroups = cgroups,
            ReclaimError = cgroups.MemoryIsV2 ? host.WhyNotWritable(cgroups.UnifiedRoot + "/memory.reclaim") : default,
            HasMemoryPressure = host.Read("/proc/pressure/memory", reader).IsOk && Pressure.TryParse(reader.Content, out _),
            Capabilities = host.Read("/proc/self/status", reader).IsOk && ProcStatus.TryParse(reader.Content, out var status) ? (ProcessCapabilities)status.EffectiveCapabilities : ProcessCapabilities.None,
            HasIdlePageBitmap = host.Exists(PageIdleBitmap.Path),
            HasClearRefs = host.Exists("/proc/self/clear_refs"),
            HasReferenced = hasReferenced,
            PagemapShowsFrames = ShowsFrames(host, reader),
            HasPageFlags = CanOpen(host, "/proc/kpageflags"),
            Damon = KernelDamonFacts.Read(host),
            Advice = advice ?? ProcessAdvice.NotAsked,
        };
    }

    /// <summary>The same facts with memory nodes and tiers read anew: those come and go while a machine runs, and reading them is nothing to anybody who senses.</summary>
    /// <param name="host">The host.</param>
    public MachineFacts WithMemoryOf(HostRoot host) => this with { NumaNodes = ReadNodes(host), Tiers = MemoryTiers.Read(host) };

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
            if (Advice.Of(action) == AdviceAnswer.Accepted)
            {
                return new(action, IsAvailable: false, CapabilityReason.NotInThisVersion, "It can be counted, not carried out by this version: this kernel, asked, takes such advice for other processes, which none did before.");
            }

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
            _ when Advice.Of(action) == AdviceAnswer.NotBuiltIn => new(action, IsAvailable: false, CapabilityReason.NotInKernel, "The kernel, asked, was built without it."),
            _ when Advice.Of(action) == AdviceAnswer.Refused => new(action, IsAvailable: false, CapabilityReason.NotInKernel, "The kernel, asked, does not take this advice for other processes (process_madvise)."),
            _ when Advice.Of(action) == AdviceAnswer.Unknown && !Kernel.IsAtLeast(major, minor) => new(
                action, IsAvailable: false, CapabilityReason.NotInKernel, $"process_madvise with this advice needs Linux {major}.{minor}; this is {Kernel.Text}."),
            _ when !Has(ProcessCapabilities.SysPtrace) => new(action, IsAvailable: false, CapabilityReason.NeedsCapSysPtrace, "process_madvise on other processes needs CAP_SYS_PTRACE."),
            _ when !Has(ProcessCapabilities.SysNice) => new(action, IsAvailable: false, CapabilityReason.NeedsCapSysNice, "process_madvise on other processes needs CAP_SYS_NICE."),
            _ when !ReadsAnyPageMap => PageMapsOfOwnUser(action),
            _ when action == SchemeAction.Pageout && !Has(ProcessCapabilities.FileOwner) && !Has(ProcessCapabilities.DacOverride) => new(
                action, IsAvailable: true, CapabilityReason.Available, "Works on anonymous memory; file pages of other users stay, silently, without CAP_FOWNER or CAP_DAC_OVERRIDE."),
            _ => new(
                action, IsAvailable: true, CapabilityReason.Available,
                Advice.Of(action) == AdviceAnswer.Accepted ? "process_madvise can do it: the kernel, asked, takes this advice for other processes." : "process_madvise can do it, by the kernel's version."),
        };
    }

    /// <summary>Whether the kernel takes any advice for other processes, from whoever has the rights: as it has said, and where it was not asked, by its version.</summary>
    public bool TakesAdvice =>
        Advice.IsKnown ? new[] { Advice.Pageout, Advice.Cold, Advice.WillNeed, Advice.Collapse }.Contains(AdviceAnswer.Accepted) : Kernel.IsAtLeast(5, 10);

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
        : ReclaimError.Kind switch
        {
            HostErrorKind.None => new(SchemeAction.Reclaim, IsAvailable: true, CapabilityReason.Available, ReclaimMessage),
            HostErrorKind.Denied when ReclaimError.Detail.Length > 0 => new(
                SchemeAction.Reclaim, IsAvailable: false, CapabilityReason.MountedReadOnly, "It can be counted, not carried out: the control groups are mounted read-only here."),
            HostErrorKind.Denied when Has(ProcessCapabilities.DacOverride) => new(SchemeAction.Reclaim, IsAvailable: true, CapabilityReason.Available, ReclaimMessage),
            HostErrorKind.Denied => new(
                SchemeAction.Reclaim, IsAvailable: false, CapabilityReason.NeedsCapDacOverride, "It can be counted, not carried out: memory.reclaim is root's alone; writing it needs root or CAP_DAC_OVERRIDE."),
            _ => new(
                SchemeAction.Reclaim, IsAvailable: false, CapabilityReason.NotInKernel, $"It can be counted, not carried out: the kernel has no memory.reclaim, which Linux 5.19 and later have; this is {Kernel.Text}."),
        };

    private string ReclaimMessage => ReclaimTakesSwappiness
        ? "memory.reclaim of a container's control group can do it, for the node agent; where swap has to be left alone it takes pages of files only."
        : "memory.reclaim of a container's control group can do it, for the node agent; where swap has to be left alone it does nothing.";

    private static IReadOnlyList<int> ReadNodes(HostRoot host) => host.ReadText("/sys/devices/system/node/online").TryGet(out var nodes) && NumberList.TryParse(nodes, out var online) ? online : [];

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
        // Before all else: somebody who has it switched off is not helped by hearing that it is busy.
        if (Damon.IsSwitchedOff)
        {
            return new(MonitoringBackend.Kernel, IsAvailable: false, CapabilityReason.SwitchedOff, "The kernel's DAMON is switched off for this process and is left alone.");
        }

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
