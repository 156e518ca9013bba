using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Damon.Api.Schemes;
using Damon.Operator.Rollouts;

namespace Damon.Operator.Statuses;

/// <summary>Writes a scheme's status. Equal statuses give equal bytes; texts are cut to what the schema admits.</summary>
internal static class SchemeStatusWriter
{
    private const int MaxReasonLength = 64;
    private const int MaxMessageLength = 512;
    private const int MaxConditionMessageLength = 1024;
    private const string TimeForm = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    /// <summary>The status alone.</summary>
    public static byte[] Write(SchemeStatus status)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
            Write(writer, status);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The object to apply to the subresource.</summary>
    /// <param name="name">The scheme's name.</param>
    /// <param name="resourceVersion">Of the object that the status was made from: what was changed meanwhile is looked at first.</param>
    /// <param name="status">The status.</param>
    public static byte[] WriteApply(string name, string resourceVersion, SchemeStatus status)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("apiVersion", DamonSchemeReader.ApiVersion);
            writer.WriteString("kind", DamonSchemeReader.Kind);
            writer.WriteStartObject("metadata");
            writer.WriteString("name", name);
            writer.WriteString("resourceVersion", resourceVersion);
            writer.WriteEndObject();
            writer.WritePropertyName("status");
            Write(writer, status);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void Write(Utf8JsonWriter writer, SchemeStatus status)
    {
        writer.WriteStartObject();
        writer.WriteNumber("observedGeneration", status.ObservedGeneration);
        if (status.Hash.Length > 0)
            writer.WriteString("hash", status.Hash);
        Write(writer, status.Nodes);
        if (status.Effect is { } effect)
        {
            writer.WriteStartObject("effect");
            writer.WriteNumber("coldBytes", effect.ColdBytes);
            writer.WriteNumber("advisedBytes", effect.AdvisedBytes);
            writer.WriteNumber("awayBytes", effect.AwayBytes);
            writer.WriteEndObject();
        }

        if (status.Rollout is { } rollout)
            Write(writer, rollout);
        writer.WriteStartArray("failures");
        foreach (var failure in status.Failures)
        {
            writer.WriteStartObject();
            writer.WriteString("node", failure.Node);
            writer.WriteString("reason", Cut(failure.Reason, MaxReasonLength));
            if (failure.Message.Length > 0)
                writer.WriteString("message", Cut(failure.Message, MaxMessageLength));
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteBoolean("failuresTruncated", status.FailuresTruncated);
        writer.WriteStartArray("conditions");
        foreach (var condition in status.Conditions)
        {
            writer.WriteStartObject();
            writer.WriteString("type", condition.Type);
            writer.WriteString("status", condition.Status);
            if (condition.ObservedGeneration is { } generation)
                writer.WriteNumber("observedGeneration", generation);
            writer.WriteString("lastTransitionTime", Time(condition.LastTransitionTime));
            writer.WriteString("reason", Cut(condition.Reason, MaxReasonLength));
            // An empty text that is applied becomes null on older servers (1.20), and the whole status is refused for it.
            if (!string.IsNullOrEmpty(condition.Message))
                writer.WriteString("message", Cut(condition.Message, MaxConditionMessageLength));
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, NodeCounts nodes)
    {
        writer.WriteStartObject("nodes");
        writer.WriteNumber("matched", nodes.Matched);
        writer.WriteNumber("updated", nodes.Updated);
        writer.WriteNumber("pending", nodes.Pending);
        writer.WriteNumber("paused", nodes.Paused);
        writer.WriteNumber("observing", nodes.Observing);
        writer.WriteNumber("active", nodes.Active);
        writer.WriteNumber("backoff", nodes.Backoff);
        writer.WriteNumber("stopped", nodes.Stopped);
        writer.WriteNumber("degraded", nodes.Degraded);
        writer.WriteNumber("unsupported", nodes.Unsupported);
        writer.WriteNumber("unreachable", nodes.Unreachable);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, RolloutState rollout)
    {
        writer.WriteStartObject("rollout");
        writer.WriteString("hash", rollout.Hash);
        writer.WriteString("phase", rollout.Phase.ToString());
        writer.WriteNumber("step", rollout.Step);
        writer.WriteString("since", Time(rollout.Since));
        if (rollout.Resumed.Length > 0)
            writer.WriteString("resumed", rollout.Resumed);
        if (rollout.ForgivenTrips > 0)
            writer.WriteNumber("forgivenTrips", rollout.ForgivenTrips);
        if (rollout.Former is { } former)
        {
            writer.WriteStartObject("former");
            writer.WriteString("hash", former.Hash.ToString());
            writer.WriteNumber("generation", former.Generation);
            writer.WritePropertyName("spec");
            writer.WriteRawValue(former.Text.Utf8.Span, skipInputValidation: true);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private static string Time(DateTimeOffset time) => time.ToUniversalTime().ToString(TimeForm, CultureInfo.InvariantCulture);

    // Never through a pair of surrogates: half of a character is no text.
    private static string Cut(string text, int maxLength) =>
        text.Length <= maxLength ? text : text[..(char.IsHighSurrogate(text[maxLength - 1]) ? maxLength - 1 : maxLength)];
}
