namespace Damon.Engine.Actions;

/// <summary>What an action needs to know of one mapping.</summary>
/// <param name="Start">First address.</param>
/// <param name="End">First address behind it.</param>
/// <param name="FilePagesNeedSwap">Whether its file pages are really shared memory, which only swap can take.</param>
/// <param name="IsHeld">Locked in memory, or not ordinary memory at all: advice on it is refused.</param>
/// <param name="OffsetBytes">Where in what is mapped it starts, in bytes: in its file, or for anonymous memory the address itself, as the kernel counts it.</param>
internal readonly record struct TargetMapping(ulong Start, ulong End, bool FilePagesNeedSwap, bool IsHeld, ulong OffsetBytes = 0);
