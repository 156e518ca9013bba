using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Damon.Testing.ControlPlane.Servers;

/// <summary>An API server's audit log: who asked for what, as the server itself saw it. Read from where the last reading ended.</summary>
/// <param name="path">The log.</param>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "A file of the test's own server.")]
public sealed class AuditLog(string path)
{
    private long _offset;

    /// <summary>A policy that writes down the requests of these users alone, without their bodies, so that the log costs the server little.</summary>
    public static string PolicyFor(params string[] users) =>
        $"""
        apiVersion: audit.k8s.io/v1
        kind: Policy
        omitStages: [RequestReceived, ResponseStarted]
        rules:
        - level: Metadata
          users: [{string.Join(", ", users.Select(user => $"'{user}'"))}]
        - level: None

        """;

    /// <summary>What has been written since the last call. A watch is there once it has ended.</summary>
    public IReadOnlyList<AuditedRequest> ReadOn()
    {
        if (!File.Exists(path))
            return [];
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete) { Position = _offset };
        using var reader = new StreamReader(stream);
        var text = reader.ReadToEnd();
        // The last line may not be there in full yet.
        var end = text.LastIndexOf('\n') + 1;
        _offset += System.Text.Encoding.UTF8.GetByteCount(text.AsSpan(0, end));
        return [.. text[..end].Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Read)];
    }

    private static AuditedRequest Read(string line)
    {
        using var document = JsonDocument.Parse(line);
        var root = document.RootElement;
        var about = root.TryGetProperty("objectRef", out var found) ? found : default;
        var uri = root.GetProperty("requestURI").GetString()!;
        return new AuditedRequest(
            root.GetProperty("user").GetProperty("username").GetString()!,
            root.GetProperty("verb").GetString()!,
            Text(about, "apiGroup"),
            Text(about, "resource"),
            Text(about, "subresource"),
            Text(about, "name"),
            uri.Contains("continue=", StringComparison.Ordinal),
            root.TryGetProperty("responseStatus", out var status) && status.TryGetProperty("code", out var code) ? code.GetInt32() : 0,
            root.GetProperty("requestReceivedTimestamp").GetDateTimeOffset());
    }

    private static string Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value.GetString() ?? "" : "";
}
