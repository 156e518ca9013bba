namespace Damon.Engine.KernelDamon;

/// <summary>Whether the kernel's DAMON still is as its owner left it.</summary>
/// <param name="Loss">In which way it is not; the first of what was found.</param>
/// <param name="Kdamond">Which kdamond it is about; -1 where it is about all of them.</param>
/// <param name="Message">The same for people; empty where nothing is lost.</param>
public readonly record struct OwnershipCheck(DamonLoss Loss, int Kdamond = -1, string Message = "")
{
    /// <summary>Nothing is lost.</summary>
    public static OwnershipCheck Held { get; } = new(DamonLoss.None);

    /// <summary>Whether nothing is lost.</summary>
    public bool IsHeld => Loss == DamonLoss.None;
}
