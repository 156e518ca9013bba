namespace Damon.Testing.KernelDamon;

/// <summary>A process that uses its memory all the time.</summary>
/// <param name="pid">Its number.</param>
/// <param name="start">First address of what it uses.</param>
/// <param name="end">First address behind.</param>
/// <param name="stop">Ends it; it is gone when this returns. May be called again.</param>
public sealed class DamonTreeProcess(int pid, ulong start, ulong end, Action stop) : IDisposable
{
    /// <summary>Its number.</summary>
    public int Pid => pid;

    /// <summary>First address of what it uses.</summary>
    public ulong Start => start;

    /// <summary>First address behind what it uses.</summary>
    public ulong End => end;

    /// <summary>Ends it.</summary>
    public void Dispose() => stop();
}
