using System.Text.Json.Serialization;

namespace Damon.Api.Nodes;

/// <summary>The JSON of a node's status, without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true,
    Converters = [typeof(SecondsTimeConverter)])]
[JsonSerializable(typeof(DamonNodeStatus))]
internal sealed partial class DamonNodeJson : JsonSerializerContext;
