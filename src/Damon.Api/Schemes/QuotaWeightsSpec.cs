using Damon.Api.Units;

namespace Damon.Api.Schemes;

/// <summary>What comes first when the quota does not take everything that matches.</summary>
public sealed record QuotaWeightsSpec
{
    /// <summary>Weight of the access rate.</summary>
    public Percent AccessRate { get; init; } = DamonSchemeDefaults.AccessRateWeight;

    /// <summary>Weight of the age.</summary>
    public Percent Age { get; init; } = DamonSchemeDefaults.AgeWeight;
}
