namespace Damon.Engine.Machine;

/// <summary>What a scheme asks for.</summary>
public enum RequestedBackend
{
    /// <summary>The best that is available and has no side effects.</summary>
    Auto,

    /// <summary>Only <see cref="MonitoringBackend.Kernel"/>.</summary>
    Kernel,

    /// <summary>Only <see cref="MonitoringBackend.IdlePage"/>.</summary>
    IdlePage,

    /// <summary>Only <see cref="MonitoringBackend.Referenced"/>.</summary>
    Referenced,
}
