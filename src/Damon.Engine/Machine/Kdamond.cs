namespace Damon.Engine.Machine;

/// <summary>One kernel thread of DAMON as sysfs shows it.</summary>
/// <param name="Index">Its directory's number.</param>
/// <param name="IsOn">Whether it runs; null where it could not be read (another writer holds the lock).</param>
/// <param name="Pid">The thread's pid, -1 where it does not run.</param>
/// <param name="Operations">vaddr, fvaddr or paddr; empty where it has no context.</param>
public readonly record struct Kdamond(int Index, bool? IsOn, int Pid, string Operations);
