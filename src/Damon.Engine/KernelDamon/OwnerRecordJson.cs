using System.Text.Json.Serialization;

namespace Damon.Engine.KernelDamon;

/// <summary>The owner record's JSON, strict: a field too many, too few or twice is no record.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    IgnoreReadOnlyProperties = true,
    UseStringEnumConverter = true,
    WriteIndented = true)]
[JsonSerializable(typeof(OwnerRecord))]
internal sealed partial class OwnerRecordJson : JsonSerializerContext;
