namespace Damon.Engine.Machine;

/// <summary>The native calls behind <see cref="ProcessAdviceProbe"/>, so that tests can have every kernel's answers.</summary>
internal interface IAdviceKernel
{
    /// <summary>Processes other than this one that it can be asked about, the best first.</summary>
    IReadOnlyList<int> Others { get; }

    /// <summary>Opens a process.</summary>
    /// <returns>A descriptor, or a negated errno.</returns>
    int Open(int process);

    /// <summary>Closes a descriptor.</summary>
    void Close(int descriptor);

    /// <summary>Advises on no memory at all of another process.</summary>
    /// <returns>0, or a negated errno.</returns>
    int AdviseOther(int descriptor, int advice);

    /// <summary>Advises on no memory at all of this process.</summary>
    /// <returns>0, or a negated errno.</returns>
    int AdviseOwn(int advice);
}
