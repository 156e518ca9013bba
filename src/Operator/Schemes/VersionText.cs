using System.Text.Json;
using Damon.Operator.Json;

namespace Damon.Operator.Schemes;

/// <summary>A scheme's spec as it stands in plans, in canonical form.</summary>
public sealed class VersionText
{
    /// <summary>What no node carries out, or what the form decides.</summary>
    internal static readonly string[] NotCarriedOut = ["mode", "paused", "priority", "nodeSelector", "rollout"];

    private static readonly string[] OfForm = ["mode", "paused"];

    // Each form is asked for again and again: at every look at a scheme, and by thousands of nodes that hold one and the same former version. Two threads may both make one: they are equal.
    private readonly VersionText?[] _forms = new VersionText?[4];

    private VersionText(byte[] utf8, bool acts, bool isPaused)
    {
        Utf8 = utf8;
        Digest = Digest.Of(utf8);
        QuotedBytes = utf8.Length + utf8.AsSpan().Count((byte)'"') + utf8.AsSpan().Count((byte)'\\');
        Form = new(acts, isPaused);
    }

    /// <summary>The object.</summary>
    public ReadOnlyMemory<byte> Utf8 { get; }

    /// <summary>How many bytes it takes as a text within JSON. The canonical form escapes whatever else would have to be.</summary>
    public int QuotedBytes { get; }

    /// <summary>Of the object.</summary>
    public Digest Digest { get; }

    /// <summary>Whether it says that it enforces, and that it is paused.</summary>
    public VersionForm Form { get; }

    /// <summary>Takes an object as somebody wrote it.</summary>
    /// <param name="utf8">JSON.</param>
    /// <exception cref="JsonException">No object.</exception>
    public static VersionText Read(ReadOnlyMemory<byte> utf8)
    {
        using var document = JsonDocument.Parse(utf8);
        return Of(document.RootElement, []);
    }

    /// <summary>Takes a scheme's spec and gives the text of a form of it.</summary>
    /// <param name="spec">As the server has it.</param>
    /// <param name="form">The form.</param>
    internal static VersionText OfScheme(JsonElement spec, VersionForm form) => Of(spec, NotCarriedOut, Fields(form));

    /// <summary>The same version in another form.</summary>
    /// <param name="form">The form.</param>
    public VersionText In(VersionForm form)
    {
        if (form == Form)
            return this;
        ref var known = ref _forms[(form.Acts ? 1 : 0) + (form.IsPaused ? 2 : 0)];
        if (known is { } text)
            return text;
        using var document = JsonDocument.Parse(Utf8);
        return known = Of(document.RootElement, OfForm, Fields(form));
    }

    private static (string Name, string Json)[] Fields(VersionForm form)
    {
        var mode = form.Acts ? "\"Enforce\"" : "\"Observe\"";
        return form.IsPaused ? [("mode", mode), ("paused", "true")] : [("mode", mode)];
    }

    private static VersionText Of(JsonElement value, string[] leaveOut, params ReadOnlySpan<(string Name, string Json)> add)
    {
        if (value.ValueKind != JsonValueKind.Object)
            throw new JsonException("Not an object.");
        var utf8 = CanonicalJson.Object(value, leaveOut, add);
        using var document = JsonDocument.Parse(utf8);
        var acts = document.RootElement.TryGetProperty("mode", out var mode) && mode.ValueKind == JsonValueKind.String && mode.ValueEquals("Enforce"u8);
        var isPaused = document.RootElement.TryGetProperty("paused", out var paused) && paused.ValueKind == JsonValueKind.True;
        return new(utf8, acts, isPaused);
    }
}
