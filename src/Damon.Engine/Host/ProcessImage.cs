namespace Damon.Engine.Host;

/// <summary>
/// Which program image a process runs. Pid and start time survive exec(2), but the address space does not: everything learned about the old one is wrong.
/// </summary>
/// <remarks>
/// The addresses where code, stack, data and heap begin are drawn anew at each exec. They stand in <c>/proc/PID/stat</c>, which is read for the start time anyway, so the check costs
/// nothing more. The inode of <c>/proc/PID/exe</c> would miss a program that starts itself again, and the argument addresses change without exec when a program rewrites its title.
/// Missed is only a program that starts itself again with address randomisation off: its new layout is then the old one, and the held file descriptors still notice, as they are bound to the old
/// address space. Without the right to inspect the process the kernel writes 0 or 1 for all of them, which compares equal for ever: no false alarm.
/// </remarks>
/// <param name="StartCode">Where the code begins.</param>
/// <param name="StartStack">Where the stack begins.</param>
/// <param name="StartData">Where the data begins.</param>
/// <param name="StartHeap">Where the heap begins.</param>
public readonly record struct ProcessImage(ulong StartCode, ulong StartStack, ulong StartData, ulong StartHeap);
