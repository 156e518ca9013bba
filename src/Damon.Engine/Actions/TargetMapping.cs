namespace Damon.Engine.Actions;

/// <summary>What an action needs to know of one mapping.</summary>
/// <param name="Start">First address.</param>
/// <param name="End">First address behind it.</param>
/// <param name="FilePagesNeedSwap">Whether its file pages are really shared memory, which only swap can take.</param>
/// <param name="IsHeld">Locked in memory, or not ordinary memory at all: advice on it is refused.</param>
internal readonly record struct TargetMapping(ulong Start, ulong End, bool FilePagesNeedSwap, bool IsHeld);
