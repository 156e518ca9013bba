using Damon.Engine.Machine;

namespace Damon.Cli.Doctor;

/// <summary>What an admin can do about a backend or an action that is not available; empty where nothing on the machine helps.</summary>
internal static class Remedies
{
    public static string Of(in BackendCapability capability) => capability.Backend switch
    {
        // Whatever the kernel has, this version does not drive it: no advice about the kernel would make the backend available.
        MonitoringBackend.Kernel => "",
        _ => Of(capability.Reason),
    };

    public static string Of(in ActionCapability capability) => Of(capability.Reason);

    private static string Of(CapabilityReason reason) => reason switch
    {
        CapabilityReason.OptInOnly => $"Name it in the scheme, backend: {nameof(MonitoringBackend.Referenced)}, or start damonctl run with --backend {nameof(MonitoringBackend.Referenced)}.",
        CapabilityReason.NotInKernel => "Run a newer kernel.",
        CapabilityReason.NoIdlePageTracking => "Run a kernel built with CONFIG_IDLE_PAGE_TRACKING=y; no boot option brings it.",
        CapabilityReason.NoPageMonitor => "Run a kernel built with CONFIG_PROC_PAGE_MONITOR=y.",
        CapabilityReason.NeedsCapSysAdmin => Capability("SYS_ADMIN"),
        CapabilityReason.NeedsCapSysPtrace => Capability("SYS_PTRACE"),
        CapabilityReason.NeedsCapSysNice => Capability("SYS_NICE"),
        CapabilityReason.NeedsCapDacOverride => Capability("DAC_OVERRIDE"),
        _ => "",
    };

    private static string Capability(string name) => $"Run as root; in a container add {name} to its capabilities.";
}
