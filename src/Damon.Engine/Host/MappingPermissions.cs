namespace Damon.Engine.Host;

/// <summary>What a process may do with a mapping.</summary>
[Flags]
public enum MappingPermissions
{
    /// <summary>Nothing: reserved address space.</summary>
    None = 0,

    /// <summary>Reading.</summary>
    Read = 1,

    /// <summary>Writing.</summary>
    Write = 2,

    /// <summary>Executing.</summary>
    Execute = 4,

    /// <summary>Writes are seen by others.</summary>
    Shared = 8,
}
