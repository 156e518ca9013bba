namespace Damon.Testing.KernelDamon;

/// <summary>A filter as it is in force.</summary>
/// <param name="Type">Its word.</param>
/// <param name="Matching">Whether it is about what it describes, or about everything else.</param>
/// <param name="Allow">Whether it lets through what it is about.</param>
/// <param name="Start">First address; page bounds.</param>
/// <param name="End">First address behind; page bounds.</param>
/// <param name="TargetIndex">A target's place.</param>
/// <param name="CgroupPath">A control group.</param>
public sealed record FakeFilter(string Type, bool Matching, bool Allow, ulong Start, ulong End, int TargetIndex, string CgroupPath = "")
{
    /// <summary>Whether it asks pages, which this fake does not have, and not regions.</summary>
    public bool AsksPages => Type is not ("addr" or "target");

    /// <summary>Whether it is about the pages of a region, which are all alike.</summary>
    internal bool IsAboutPages(FakeRegion region) => Matching == Type switch
    {
        "memcg" => region.Cgroup == CgroupPath,
        "anon" => region.IsAnonymous,
        _ => false,
    };

    /// <summary>Whether it is about a region, which lies on one side of its addresses.</summary>
    internal bool IsAbout(FakeRegion region, int target) => Matching == (Type == "target" ? target == TargetIndex : Start <= region.Start && region.End <= End);
}
