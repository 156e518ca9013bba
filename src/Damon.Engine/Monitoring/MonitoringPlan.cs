using Damon.Engine.Regions;
using Damon.Engine.Schemes;

namespace Damon.Engine.Monitoring;

/// <summary>What a session is to do: how to look, and which schemes to apply, in the order of their rank.</summary>
/// <param name="Intervals">How often; with an <see cref="IntervalsGoal"/> only the start.</param>
/// <param name="Limits">How many regions.</param>
/// <param name="Schemes">Highest rank first; names are unique.</param>
public sealed record MonitoringPlan(MonitoringIntervals Intervals, RegionLimits Limits, IReadOnlyList<SchemeDescription> Schemes)
{
    /// <summary>The most schemes of one session: each keeps a count per region.</summary>
    public const int MaxSchemes = 256;

    /// <summary>The largest <see cref="MinRegionBytes"/>: 1 GiB, the largest page there is.</summary>
    public const ulong MaxMinRegionBytes = 1UL << 30;

    /// <summary>The smallest region, in bytes; a power of two.</summary>
    public ulong MinRegionBytes { get; init; } = 4096;

    /// <summary>A target's resident set is never brought below this by a page-out.</summary>
    public ulong ResidentFloorBytes { get; init; }

    /// <summary>What the tuning of the intervals aims at; null leaves them as they are.</summary>
    public IntervalsGoal? IntervalsGoal { get; init; }

    /// <summary>Which parts of the address spaces are looked at.</summary>
    public AddressSpaceLayout Layout { get; init; }

    /// <summary>Whether the session neither looks nor acts.</summary>
    public bool IsPaused { get; init; }

    /// <summary>Says everything that is wrong with the plan. A plan without errors can be carried out whatever its values are: no arithmetic of the loop leaves its range.</summary>
    /// <returns>One error per fault, each with the field's path; empty where there is none.</returns>
    public IReadOnlyList<PlanError> Check()
    {
        var errors = new List<PlanError>();
        Intervals.Check("intervals", errors);
        CheckLimits(errors);
        if (!ulong.IsPow2(MinRegionBytes) || MinRegionBytes > MaxMinRegionBytes)
        {
            errors.Add(new PlanError("minRegionBytes", $"is {MinRegionBytes}; a power of two up to {MaxMinRegionBytes} is needed"));
        }

        IntervalsGoal?.Check("intervalsGoal", Intervals.Sample, errors);
        if (!Enum.IsDefined(Layout))
        {
            errors.Add(new PlanError("layout", $"{(int)Layout} is no layout"));
        }

        CheckSchemes(errors);
        return errors;
    }

    private void CheckLimits(List<PlanError> errors)
    {
        if (Limits.Min < RegionLimits.LeastMin)
        {
            errors.Add(new PlanError("regions.min", $"is {Limits.Min}; at least {RegionLimits.LeastMin} are needed"));
        }

        if (Limits.Max < Limits.Min)
        {
            errors.Add(new PlanError("regions.max", $"is {Limits.Max}, below the minimum of {Limits.Min}"));
        }

        if (Limits.Max > RegionLimits.MostMax)
        {
            errors.Add(new PlanError("regions.max", $"is {Limits.Max}; at most {RegionLimits.MostMax} are possible"));
        }
    }

    private void CheckSchemes(List<PlanError> errors)
    {
        if (Schemes is null)
        {
            errors.Add(new PlanError("schemes", "is missing; a list without schemes only looks"));
            return;
        }

        if (Schemes.Count > MaxSchemes)
        {
            // They are not looked at one by one: thousands of errors would help nobody.
            errors.Add(new PlanError("schemes", $"are {Schemes.Count}; at most {MaxSchemes} are possible"));
            return;
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < Schemes.Count; i++)
        {
            if (Schemes[i] is not { } scheme)
            {
                errors.Add(new PlanError($"schemes[{i}]", "is missing"));
                continue;
            }

            // A name that cannot stand in a line of text is not shown in one.
            var isNamed = IsName(scheme.Name);
            var field = $"schemes[{(isNamed ? scheme.Name : i)}]";
            if (!isNamed)
            {
                errors.Add(new PlanError($"{field}.name", "is empty, longer than 253 characters, or has blanks at its ends or control characters in it"));
            }
            else if (!names.Add(scheme.Name))
            {
                errors.Add(new PlanError($"schemes[{i}].name", $"{scheme.Name} is the name of a scheme before it, too; names are unique"));
            }

            scheme.Check(field, errors);
        }
    }

    private static bool IsName(string? name) =>
        name is { Length: > 0 and <= 253 } && !char.IsWhiteSpace(name[0]) && !char.IsWhiteSpace(name[^1]) && !name.AsSpan().ContainsAnyInRange('\0', '\x1f');
}
