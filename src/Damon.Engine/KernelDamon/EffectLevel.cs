namespace Damon.Engine.KernelDamon;

/// <summary>A level of one control group that grows by what an action does to it, in bytes. Below zero is possible: only differences mean something.</summary>
/// <param name="SwappedBytes">The part that is memory in swap.</param>
/// <param name="OtherBytes">The rest.</param>
public readonly record struct EffectLevel(long SwappedBytes, long OtherBytes)
{
    /// <summary>All of it.</summary>
    public long TotalBytes => SwappedBytes + OtherBytes;
}
