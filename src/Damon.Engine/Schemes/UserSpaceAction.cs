namespace Damon.Engine.Schemes;

/// <summary>Which actions can be carried out on other processes' memory from user space at all, whatever the machine: the others can only be counted there.</summary>
public static class UserSpaceAction
{
    /// <summary>Why an action cannot be carried out from user space.</summary>
    /// <param name="action">The action.</param>
    /// <returns>The reason, for people; empty where it can.</returns>
    public static string WhyNot(SchemeAction action) => action switch
    {
        SchemeAction.HugePage or SchemeAction.NoHugePage =>
            "advice for or against huge pages cannot be given to other processes (process_madvise does not take it), only the kernel's own DAMON gives it; Collapse makes huge pages from user space",
        SchemeAction.LruPrio or SchemeAction.LruDeprio =>
            "the kernel's page lists are reordered by its own DAMON over physical addresses alone, no system call does it; Cold is the nearest from user space",
        _ => "",
    };
}
