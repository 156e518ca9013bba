using System.Net;
using System.Text;
using System.Text.Json;

namespace Damon.Kubernetes.Requests;

/// <summary>From what the server says of a failure to its kind.</summary>
internal static class FailureReader
{
    private const int MaxMessageLength = 1024;

    /// <param name="code">The answer's code.</param>
    /// <param name="body">A Status, or any text: proxies and the server's outer layers answer with plain text.</param>
    /// <param name="retryAfter">From the header.</param>
    public static ApiFailure Read(int code, ReadOnlySpan<byte> body, TimeSpan? retryAfter)
    {
        var reason = "";
        string? message = null;
        var causes = new List<string>();
        try
        {
            var json = new Utf8JsonReader(body);
            using var document = JsonDocument.ParseValue(ref json);
            var status = document.RootElement;
            if (status.ValueKind == JsonValueKind.Object)
            {
                reason = Text(status, "reason") ?? "";
                message = Text(status, "message");
                if (status.TryGetProperty("code", out var stated) && stated.TryGetInt32(out var number) && number != 0)
                    code = number;
                ReadDetails(status, causes, ref retryAfter);
            }
        }
        catch (JsonException)
        {
            // Not from the API proper; the code says enough.
        }

        message ??= Encoding.UTF8.GetString(body[..Math.Min(body.Length, MaxMessageLength)]).Trim();
        if (message.Length > MaxMessageLength)
            message = message[..MaxMessageLength];
        return new ApiFailure(KindOf(code, reason, causes, message), code, message.Length > 0 ? message : reason, retryAfter);
    }

    private static void ReadDetails(JsonElement status, List<string> causes, ref TimeSpan? retryAfter)
    {
        if (!status.TryGetProperty("details", out var details) || details.ValueKind != JsonValueKind.Object)
            return;
        if (details.TryGetProperty("retryAfterSeconds", out var seconds) && seconds.TryGetInt32(out var number) && number > 0)
            retryAfter ??= TimeSpan.FromSeconds(number);
        if (details.TryGetProperty("causes", out var list) && list.ValueKind == JsonValueKind.Array)
            causes.AddRange(list.EnumerateArray().Select(cause => Text(cause, "reason") ?? ""));
    }

    private static ApiFailureKind KindOf(int code, string reason, List<string> causes, string message) => code switch
    {
        (int)HttpStatusCode.Unauthorized => ApiFailureKind.Unauthorized,
        (int)HttpStatusCode.Forbidden => ApiFailureKind.Forbidden,
        (int)HttpStatusCode.NotFound => ApiFailureKind.NotFound,
        (int)HttpStatusCode.Conflict when reason == "AlreadyExists" => ApiFailureKind.AlreadyExists,
        (int)HttpStatusCode.Conflict when causes.Contains("FieldManagerConflict") => ApiFailureKind.FieldConflict,
        (int)HttpStatusCode.Conflict => ApiFailureKind.Conflict,
        (int)HttpStatusCode.Gone => ApiFailureKind.Expired,
        (int)HttpStatusCode.TooManyRequests => ApiFailureKind.Throttled,
        // The cause is there since Kubernetes 1.18; a watch says it in words alone.
        (int)HttpStatusCode.GatewayTimeout when causes.Contains("ResourceVersionTooLarge") || message.Contains("Too large resource version", StringComparison.Ordinal) =>
            ApiFailureKind.VersionAhead,
        >= 400 and < 500 => ApiFailureKind.Invalid,
        _ => ApiFailureKind.ServerError,
    };

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
