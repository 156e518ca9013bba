using Damon.Engine.Machine;

namespace Damon.Cli.Doctor;

/// <summary>The capabilities that matter here, as the kernel names them.</summary>
internal static class CapabilityName
{
    public static IReadOnlyList<(ProcessCapabilities Capability, string Name)> All { get; } =
    [
        (ProcessCapabilities.DacOverride, "CAP_DAC_OVERRIDE"),
        (ProcessCapabilities.DacReadSearch, "CAP_DAC_READ_SEARCH"),
        (ProcessCapabilities.FileOwner, "CAP_FOWNER"),
        (ProcessCapabilities.Kill, "CAP_KILL"),
        (ProcessCapabilities.SysPtrace, "CAP_SYS_PTRACE"),
        (ProcessCapabilities.SysAdmin, "CAP_SYS_ADMIN"),
        (ProcessCapabilities.SysNice, "CAP_SYS_NICE"),
        (ProcessCapabilities.SysResource, "CAP_SYS_RESOURCE"),
    ];
}
