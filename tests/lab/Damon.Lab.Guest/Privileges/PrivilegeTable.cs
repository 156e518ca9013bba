using Damon.Engine.Machine;

namespace Damon.Lab.Guest.Privileges;

/// <summary>What the agent does, which capability each deed takes, and what is seen without it. The table of docs/privileges.md is this one; the tests of the inside take the capabilities away.</summary>
internal static class PrivilegeTable
{
    /// <summary>What an agent is to be given: everything but the backend Referenced works.</summary>
    public const ProcessCapabilities Documented =
        ProcessCapabilities.SysPtrace | ProcessCapabilities.DacReadSearch | ProcessCapabilities.SysNice | ProcessCapabilities.FileOwner | ProcessCapabilities.SysAdmin;

    /// <summary>The same where the kernel senses and no page filters are used.</summary>
    public const ProcessCapabilities DocumentedForKernelBackend = Documented & ~ProcessCapabilities.SysAdmin;

    /// <summary>Where the kernel senses and nothing but observing is to be done; another backend takes CAP_SYS_ADMIN besides.</summary>
    public const ProcessCapabilities DocumentedForObserving = ProcessCapabilities.SysPtrace | ProcessCapabilities.DacReadSearch;

    private static readonly PrivilegeNeed Inspect = new(ProcessCapabilities.SysPtrace, "EACCES", IsToLook: true);
    private static readonly PrivilegeNeed ReadFile = new(ProcessCapabilities.DacReadSearch | ProcessCapabilities.DacOverride, "EACCES", OtherUsersOnly: true);
    private static readonly PrivilegeNeed Influence = new(ProcessCapabilities.SysNice, "EPERM");

    public static IReadOnlyList<PrivilegeRow> Rows { get; } =
    [
        new(Deed.ReadIdentity, "know a process by pid and start time", "`/proc/PID/stat`, `status`, `cgroup`"),
        new(Deed.ReadCgroup, "find a container and read its figures", "`cgroup.procs`, `memory.*`, `io.pressure`"),
        new(Deed.ReadMappings, "read a process's mappings", "`/proc/PID/maps`, `smaps`, `smaps_rollup`, `numa_maps`", Inspect),
        new(
            Deed.NoticeExec, "notice that a process runs another program", "addresses in `/proc/PID/stat`",
            new PrivilegeNeed(ProcessCapabilities.SysPtrace, "addresses are 0", IsSilent: true)),
        new(
            Deed.SeeHidden, "see processes where `/proc` is mounted with `hidepid=ptraceable`", "`/proc`",
            new PrivilegeNeed(ProcessCapabilities.SysPtrace, "ENOENT", IsSilent: true)),
        new(Deed.OpenPageMap, "see which pages are in memory, count an effect", "`/proc/PID/pagemap`", ReadFile, Inspect),
        new(
            Deed.ReadFrames, "know a page's frame: IdlePage, page filters, whether a file page has left memory", "`/proc/PID/pagemap`", ReadFile, Inspect,
            new PrivilegeNeed(ProcessCapabilities.SysAdmin, "frames are 0", IsSilent: true)),
        new(Deed.ReadPageFlags, "know what a frame holds", "`/proc/kpageflags`, `/proc/kpagecgroup`"),
        new(Deed.MarkIdle, "mark pages and look again: IdlePage, the filter Young", "`/sys/kernel/mm/page_idle/bitmap`"),
        new(
            Deed.ClearReferenced, "clear accessed bits: Referenced", "`/proc/PID/clear_refs`",
            new PrivilegeNeed(ProcessCapabilities.DacOverride, "EACCES", OtherUsersOnly: true)),
        new(Deed.OpenPidfd, "hold a process so that its pid cannot come to mean another", "pidfd_open(2)"),
        new(Deed.AdviseCold, "Cold", "process_madvise(2)", Inspect, Influence),
        new(Deed.AdviseWillNeed, "WillNeed", "process_madvise(2)", Inspect, Influence),
        new(Deed.AdviseCollapse, "Collapse", "process_madvise(2)", Inspect, Influence),
        new(Deed.AdvisePageout, "Pageout, anonymous memory", "process_madvise(2)", Inspect, Influence),
        new(
            Deed.PageOutFile, "Pageout, pages of a file", "process_madvise(2)", Inspect, Influence,
            new PrivilegeNeed(ProcessCapabilities.FileOwner | ProcessCapabilities.DacOverride, "nothing goes", IsSilent: true, OtherUsersOnly: true)),
        new(Deed.AdviseOther, "HugePage, NoHugePage (never tried: only the kernel's DAMON can)", "process_madvise(2)") { Otherwise = "EINVAL" },
        new(Deed.MovePages, "MigrateHot, MigrateCold", "move_pages(2)", new PrivilegeNeed(ProcessCapabilities.SysPtrace, "EPERM")),
        new(Deed.Reclaim, "Reclaim", "`memory.reclaim`"),
        new(Deed.DriveDamon, "have the kernel sense: Kernel", "`/sys/kernel/mm/damon`"),
        new(Deed.SwitchModule, "switch off a module of DAMON, where that is allowed", "`/sys/module/damon_*/parameters/enabled`"),
        new(
            Deed.Signal, "signal a process (never done to a target; `damonctl run` does it to its own command)", "pidfd_send_signal(2)",
            new PrivilegeNeed(ProcessCapabilities.Kill, "EPERM", OtherUsersOnly: true)),
        new(Deed.Listen, "serve metrics and health", "127.0.0.1:9855"),
        new(Deed.KeepState, "keep the plan, the ledger and the owner record", "`/var/lib/damon`, `/run/damon`"),
    ];
}
