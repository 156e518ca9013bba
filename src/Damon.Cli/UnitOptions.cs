using System.CommandLine;
using System.Diagnostics.CodeAnalysis;
using Damon.Api.Schemes;
using Damon.Api.Units;
using Damon.Engine.Regions;

namespace Damon.Cli;

/// <summary>Options whose values have a unit, checked like the same values in a file.</summary>
internal static class UnitOptions
{
    private delegate bool TryParse<TUnit>(string text, out TUnit value, [NotNullWhen(false)] out string? error);

    public static Option<TimeSpan?> Duration(string name, string description) =>
        Create<DurationValue, TimeSpan>(name, "DURATION", description, DurationValue.TryParse, value => value.ToTimeSpan());

    public static Option<ulong?> Bytes(string name, string description) =>
        Create<Quantity, ulong>(name, "SIZE", description, Quantity.TryParse, value => value.Bytes);

    public static Option<double?> Share(string name, string description) =>
        Create<Percent, double>(name, "PERCENT", description, Percent.TryParse, value => value.Share);

    public static Option<SchemeMode?> Mode() => EnumOption.Create<SchemeMode>(
        "--mode", "a mode", "Observe|Enforce", "Observe or Enforce, for every scheme, in place of its own mode.", nameof(SchemeMode.Observe), nameof(SchemeMode.Enforce));

    public static Option<RegionPolicyKind?> RegionPolicy() => EnumOption.Create<RegionPolicyKind>(
        "--region-policy",
        "a region policy",
        "Adaptive|Kernel",
        "How regions learn: Adaptive spends the whole budget of regions, Kernel does as DAMON does; Adaptive where it is not given.",
        nameof(RegionPolicyKind.Adaptive),
        nameof(RegionPolicyKind.Kernel));

    private static Option<TValue?> Create<TUnit, TValue>(string name, string helpName, string description, TryParse<TUnit> tryParse, Func<TUnit, TValue> convert)
        where TValue : struct => new(name)
        {
            Description = description,
            HelpName = helpName,
            CustomParser = result =>
            {
                if (tryParse(result.Tokens[^1].Value, out var value, out var error))
                {
                    return convert(value);
                }

                result.AddError($"{name}: {error}");
                return null;
            },
        };
}
