using Damon.Engine.Machine;

namespace Damon.Cli.Doctor;

/// <summary>What an admin can do about a backend or an action that is not available; empty where nothing on the machine helps.</summary>
internal static class Remedies
{
    public static string Of(in BackendCapability capability) => capability.Backend switch
    {
        // Who has it, and what to do about that, is in the message; a kernel is not changed for the sake of DAMON alone.
        MonitoringBackend.Kernel when capability.Reason is CapabilityReason.Busy or CapabilityReason.NotInKernel => "",
        _ => Of(capability.Reason),
    };

    public static string Of(in ActionCapability capability) => Of(capability.Reason);

    private static string Of(CapabilityReason reason) => reason switch
    {
        CapabilityReason.OptInOnly => $"Name it in the scheme, backend: {nameof(MonitoringBackend.Referenced)}, or start damonctl run with --backend {nameof(MonitoringBackend.Referenced)}.",
        CapabilityReason.NotInKernel => "Run a newer kernel.",
        CapabilityReason.NoIdlePageTracking => "Run a kernel built with CONFIG_IDLE_PAGE_TRACKING=y; no boot option brings it.",
        CapabilityReason.MountedReadOnly => "In a container, mount the host's /sys writable.",
        CapabilityReason.NoPageMonitor => "Run a kernel built with CONFIG_PROC_PAGE_MONITOR=y.",
        CapabilityReason.NeedsCapSysAdmin => Capability("SYS_ADMIN"),
        CapabilityReason.NeedsCapSysPtrace => Capability("SYS_PTRACE"),
        CapabilityReason.NeedsCapSysNice => Capability("SYS_NICE"),
        CapabilityReason.NeedsCapDacReadSearch => Capability("DAC_READ_SEARCH"),
        CapabilityReason.NeedsCapDacOverride => Capability("DAC_OVERRIDE"),
        _ => "",
    };

    private static string Capability(string name) => $"Run as root; in a container add {name} to its capabilities.";
}
