using Damon.Api.Units;

namespace Damon.Api.Schemes;

/// <summary>A limit for each pod.</summary>
public sealed record PodQuotaSpec
{
    /// <summary>Bytes acted on per quota interval, above zero.</summary>
    public required Quantity Size { get; init; }
}
