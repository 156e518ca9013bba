namespace Damon.Engine.Monitoring;

/// <summary>Which parts of a process's address space are looked at.</summary>
public enum AddressSpaceLayout
{
    /// <summary>Every mapping; the smallest gaps are bridged only where there are more mappings than regions.</summary>
    EveryMapping,

    /// <summary>Three ranges, everything between the two biggest gaps, as DAMON does: heap, mapped files and stack of an ordinary process. Unmapped memory between them reads as never accessed.</summary>
    ThreeRanges,
}
