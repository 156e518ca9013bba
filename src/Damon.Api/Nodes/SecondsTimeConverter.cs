using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Damon.Api.Nodes;

/// <summary>Times as Kubernetes writes them: UTC, whole seconds.</summary>
internal sealed class SecondsTimeConverter : JsonConverter<DateTimeOffset>
{
    private const string Form = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDateTimeOffset();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToUniversalTime().ToString(Form, CultureInfo.InvariantCulture));
}
