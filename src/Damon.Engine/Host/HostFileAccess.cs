namespace Damon.Engine.Host;

/// <summary>What a host file is opened for.</summary>
public enum HostFileAccess
{
    /// <summary>Reading.</summary>
    Read,

    /// <summary>Writing.</summary>
    Write,

    /// <summary>Both.</summary>
    ReadWrite,
}
