using Damon.Engine.Machine;

namespace Damon.Engine.KernelDamon;

/// <summary>How the kernel's DAMON is taken.</summary>
public sealed record OwnershipSettings
{
    /// <summary>Where the owner record is, unless told otherwise.</summary>
    public const string DefaultRecordPath = "/run/damon/owner.json";

    /// <summary>Where the owner record is, as on the host. All agents of a machine must use the same.</summary>
    public string RecordPath { get; init; } = DefaultRecordPath;

    /// <summary>Modules of the kernel that may be switched off while the interface is ours. An admin's decision; none by default.</summary>
    public IReadOnlySet<DamonModule> ExclusiveModules { get; init; } = new HashSet<DamonModule>();

    /// <summary>How long one step waits for a lock of the kernel's, or for a thread to end. Above zero.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(15);
}
