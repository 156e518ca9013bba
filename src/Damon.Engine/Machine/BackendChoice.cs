namespace Damon.Engine.Machine;

/// <summary>Which backend a target gets, and why. There is always a why: a target is never silently left alone.</summary>
/// <param name="Backend">The backend; null where none can be used, which callers report as Unsupported.</param>
/// <param name="Reason">Of the chosen backend, or of the one that stood in the way.</param>
/// <param name="Message">One sentence per backend looked at.</param>
public readonly record struct BackendChoice(MonitoringBackend? Backend, CapabilityReason Reason, string Message)
{
    /// <summary>Chooses. Pure: the same facts give the same choice.</summary>
    /// <param name="facts">What the machine has.</param>
    /// <param name="requested">What the scheme asks for.</param>
    /// <exception cref="ArgumentOutOfRangeException">No backend has this name.</exception>
    public static BackendChoice Choose(MachineFacts facts, RequestedBackend requested) => requested switch
    {
        RequestedBackend.Kernel => Named(facts.Backend(MonitoringBackend.Kernel)),
        RequestedBackend.IdlePage => Named(facts.Backend(MonitoringBackend.IdlePage)),
        RequestedBackend.Referenced => Named(facts.Backend(MonitoringBackend.Referenced)),
        RequestedBackend.Auto => Auto(facts),
        _ => throw new ArgumentOutOfRangeException(nameof(requested), requested, "There is no such backend."),
    };

    private static BackendChoice Named(BackendCapability capability) =>
        new(capability.IsAvailable ? capability.Backend : null, capability.Reason, capability.Message);

    private static BackendChoice Auto(MachineFacts facts)
    {
        var kernel = facts.Backend(MonitoringBackend.Kernel);
        if (kernel.IsAvailable)
        {
            return Named(kernel);
        }

        var idlePage = facts.Backend(MonitoringBackend.IdlePage);
        if (idlePage.IsAvailable)
        {
            return new BackendChoice(MonitoringBackend.IdlePage, idlePage.Reason, $"{idlePage.Message} Kernel: {kernel.Message}");
        }

        // Referenced takes the kernel's aging information away and stalls the process: only a person may decide for it.
        var referenced = facts.Backend(MonitoringBackend.Referenced);
        var hint = referenced.IsAvailable ? "backend Referenced would work here and can be named explicitly." : $"Referenced: {referenced.Message}";
        return new BackendChoice(null, idlePage.Reason, $"Kernel: {kernel.Message} IdlePage: {idlePage.Message} {hint}");
    }
}
