namespace Damon.Engine.KernelDamon;

/// <summary>Whether the kernel's DAMON is asked for something, and why not.</summary>
/// <param name="Refusal">Why not.</param>
/// <param name="Message">One sentence; empty where it is not refused.</param>
public readonly record struct KernelVerdict(KernelRefusal Refusal, string Message = "")
{
    /// <summary>It can be done and has an effect.</summary>
    public static KernelVerdict Supported { get; } = new(KernelRefusal.None);

    /// <summary>Whether it can.</summary>
    public bool IsSupported => Refusal == KernelRefusal.None;
}
