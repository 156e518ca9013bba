namespace Damon.Testing.Oracle;

/// <summary>A file that on purpose does not get what damo writes.</summary>
/// <param name="Case">The case; null for every case in which damo writes this value there.</param>
/// <param name="Path">Below the folder of the context's first scheme, or of the context where it begins with a slash.</param>
/// <param name="Ours">Our value.</param>
/// <param name="Damos">damo's value.</param>
/// <param name="Reason">Why.</param>
public sealed record PurposefulDifference(string? Case, string Path, string Ours, string Damos, string Reason)
{
    private const string Everything = "an open maximum is the highest number of 32 bits, which is what the kernel keeps; of damo's highest number of 64 bits, scaled to counts, the kernel keeps the lower half, whatever that is";
    private const string Rate = "no more samples than there are can see an access, so their number is no bound, and every kernel keeps it as it is; of damo's number the kernel keeps the lower 32 bits, which with 50 samples are 0";
    private const string NoBudget = "without a budget there is no window; damo's default is the longest one";
    private const string Still = "equal bounds are how the API says that the intervals stay as they are, which in the kernel is the same as no goal; damo gives none";
    private const string MinimaUp = "minima round up: what does not reach the bound is not meant. damo cuts off";
    private const string Printed = "damo prints shares as whole percentages, cut off, and so loses what is behind the point before it converts";
    private const string PrintedLess = "damo prints 29 % as 28 %: 0.29 times 100 is less than 29 in double precision, and it cuts off";

    /// <summary>All that there are where a scheme's own words are written. What the lease changes beyond them is <see cref="GrantedParameters"/>.</summary>
    public static IReadOnlyList<PurposefulDifference> All { get; } =
    [
        new(null, "access_pattern/age/max", "4294967295", "184467440737095", Everything),
        new("lru-prio-hot", "access_pattern/nr_accesses/max", "20", "3689348814741910528", Rate),
        new("stat-everything", "access_pattern/nr_accesses/max", "20", "3689348814741910528", Rate),
        new(null, "quotas/reset_interval_ms", "0", "18446744073709551615", NoBudget),
        new("stat-filters", "/monitoring_attrs/intervals/intervals_goal/access_bp", "400", "0", Still),
        new("stat-filters", "/monitoring_attrs/intervals/intervals_goal/aggrs", "3", "0", Still),
        new("stat-filters", "/monitoring_attrs/intervals/intervals_goal/min_sample_us", "5000", "0", Still),
        new("stat-filters", "/monitoring_attrs/intervals/intervals_goal/max_sample_us", "5000", "0", Still),
        new("stat-rounded", "/monitoring_attrs/intervals/intervals_goal/access_bp", "400", "0", Still),
        new("stat-rounded", "/monitoring_attrs/intervals/intervals_goal/aggrs", "3", "0", Still),
        new("stat-rounded", "/monitoring_attrs/intervals/intervals_goal/min_sample_us", "5000", "0", Still),
        new("stat-rounded", "/monitoring_attrs/intervals/intervals_goal/max_sample_us", "5000", "0", Still),
        new("stat-rounded", "access_pattern/nr_accesses/min", "13", "12", Printed + "; " + MinimaUp),
        new("stat-rounded", "access_pattern/nr_accesses/max", "29", "28", PrintedLess),
        new("stat-rounded", "access_pattern/age/min", "1", "0", MinimaUp),
    ];

    /// <summary>Whether a difference that was found is this one.</summary>
    /// <param name="name">The case.</param>
    /// <param name="found">The difference.</param>
    public bool Covers(string name, ParameterDifference found) =>
        (Case is null || Case == name) && found == new ParameterDifference(Path[0] == '/' ? $"contexts/0{Path}" : $"contexts/0/schemes/0/{Path}", Ours, Damos);
}
