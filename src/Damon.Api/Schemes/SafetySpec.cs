namespace Damon.Api.Schemes;

/// <summary>Rails tightened for one scheme. It has no fields yet; loosening a rail is the cluster configuration's alone.</summary>
public sealed record SafetySpec;
