namespace Damon.Engine.KernelDamon;

/// <summary>
/// Those who wait in the kernel for a command's answer. Before Linux 6.15 such a writer lets go of the interface's lock, looks for its answer every 100 ms, and needs the lock to see
/// it. Whoever writes <c>nr_kdamonds</c> has that lock and waits until nobody is inside <c>state</c> any more: written between the answer and the writer's next look, neither
/// ever comes back, and no signal ends them (<c>kernfs_drain</c>; 6.12's mm/damon/sysfs.c, <c>damon_sysfs_handle_cmd</c> and <c>nr_kdamonds_store</c>).
/// </summary>
/// <remarks>
/// Who is inside cannot be asked. What has been answered leaves within one look while nobody takes the lock from it, so before folders are removed the interface is left alone
/// for several. What has not been answered makes the kernel refuse the write.
/// </remarks>
internal static class StateWriters
{
    /// <summary>Five looks of the kernel's, because a timer may be late and a look may meet a third one's lock.</summary>
    public static readonly TimeSpan QuietTime = TimeSpan.FromMilliseconds(500);

    /// <summary>Leaves the interface alone until they have gone.</summary>
    public static void LetLeave(TimeProvider time) => Task.Delay(QuietTime, time).GetAwaiter().GetResult();
}
