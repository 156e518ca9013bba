using System.Globalization;

namespace Damon.Testing.Oracle;

/// <summary>What the files of a scheme hold that the kernel only counts for an agent, over physical memory.</summary>
public static class ObservedParameters
{
    private const string ApplyInterval = "contexts/0/schemes/0/apply_interval_us";
    private const ulong ShortestMicroseconds = 1_000_000;

    /// <summary>What damo's parameters become: who looks at the group of each page does so once a second at the most.</summary>
    /// <param name="damos">damo's.</param>
    public static IReadOnlyDictionary<string, string> Of(IReadOnlyDictionary<string, string> damos)
    {
        var observed = damos.ToDictionary(StringComparer.Ordinal);
        var asked = ulong.Parse(damos[ApplyInterval], CultureInfo.InvariantCulture);
        observed[ApplyInterval] = Math.Max(asked, ShortestMicroseconds).ToString(CultureInfo.InvariantCulture);
        return observed;
    }
}
