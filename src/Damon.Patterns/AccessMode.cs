namespace Damon.Patterns;

/// <summary>What an access does.</summary>
public enum AccessMode
{
    /// <summary>Reads a word.</summary>
    Read,

    /// <summary>Writes a word.</summary>
    Write,
}
