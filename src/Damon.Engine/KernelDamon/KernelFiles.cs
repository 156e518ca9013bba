namespace Damon.Engine.KernelDamon;

/// <summary>Names of files that more than one place writes or reads.</summary>
internal static class KernelFiles
{
    public const string KdamondCount = "kdamonds/nr_kdamonds";

    public const string GoalCurrent = "current_value";

    public const string FilterCgroup = "memcg_path";

    public static string Kdamond(int index) => $"kdamonds/{index}/";

    /// <summary>A control group as the kernel compares it: below the root of the hierarchy, with a slash in front and none behind.</summary>
    public static string CgroupPath(string path) => "/" + path.Trim('/');
}
