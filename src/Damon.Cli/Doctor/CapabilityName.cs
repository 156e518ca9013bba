using Damon.Engine.Machine;

namespace Damon.Cli.Doctor;

/// <summary>A capability that matters here, and what is lost without it.</summary>
/// <param name="Capability">Which one.</param>
/// <param name="Name">As the kernel names it.</param>
/// <param name="Without">What does not work, or works less well; empty where nothing here needs it.</param>
/// <param name="IsSilent">The kernel reports no error: it gives less, or does nothing.</param>
internal sealed record CapabilityName(ProcessCapabilities Capability, string Name, string Without, bool IsSilent = false)
{
    public static IReadOnlyList<CapabilityName> All { get; } =
    [
        new(ProcessCapabilities.DacOverride, "CAP_DAC_OVERRIDE", "Referenced cannot watch processes of other users (clear_refs). Nothing else needs it where the user is root."),
        new(ProcessCapabilities.DacReadSearch, "CAP_DAC_READ_SEARCH", "Processes of other users can be neither sampled by IdlePage nor acted on: their page map cannot be opened."),
        new(ProcessCapabilities.FileOwner, "CAP_FOWNER", "Pages of other users' files stay where they are when they are paged out.", IsSilent: true),
        new(ProcessCapabilities.Kill, "CAP_KILL", ""),
        new(ProcessCapabilities.SysPtrace, "CAP_SYS_PTRACE", "Nothing of other processes can be seen or done but what control groups say and take."),
        new(
            ProcessCapabilities.SysAdmin,
            "CAP_SYS_ADMIN",
            "Frame numbers read as 0: no IdlePage, no filters on pages but Anonymous, and the effect of paging out file pages may be overstated.",
            IsSilent: true),
        new(ProcessCapabilities.SysNice, "CAP_SYS_NICE", "No advice to other processes: no Pageout, Cold, WillNeed, Collapse."),
        new(ProcessCapabilities.SysResource, "CAP_SYS_RESOURCE", ""),
    ];

    /// <summary>Those a machine's facts show to be missing where that costs something.</summary>
    /// <remarks>The right to write any file contains the right to read any, and makes up for not owning one.</remarks>
    public static IEnumerable<CapabilityName> Missing(MachineFacts facts) => All.Where(entry => entry.Without.Length > 0 && !facts.Has(entry.Capability)
        && !(entry.Capability is ProcessCapabilities.DacReadSearch or ProcessCapabilities.FileOwner && facts.Has(ProcessCapabilities.DacOverride)));
}
