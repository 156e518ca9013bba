namespace Damon.Engine.KernelDamon;

/// <summary>
/// Whether what a context names is still there. The kernel says EINVAL for a process that is gone and ENOMEM for a control group that is gone, both of which mean other things, too.
/// </summary>
public interface IKernelSubjects
{
    /// <summary>Whether a process is there, a zombie too.</summary>
    /// <param name="pid">As this process's pid namespace knows it.</param>
    bool HasProcess(int pid);

    /// <summary>Whether a control group is there.</summary>
    /// <param name="path">Below the root of the hierarchy that accounts memory, with a slash in front.</param>
    bool HasCgroup(string path);
}
