using System.Text.Json;
using Damon.Api.Nodes;
using Damon.Operator.Json;
using Damon.Operator.Rollouts;
using Damon.Operator.Schemes;

namespace Damon.Operator.Statuses;

/// <summary>Reads back what the operator wrote. A part that cannot be read is a missing one: a rollout without its state starts over, which admits nobody before its turn.</summary>
internal static class SchemeStatusReader
{
    /// <summary>Reads a status.</summary>
    /// <param name="utf8">The value of the field; empty where there is none.</param>
    public static SchemeStatus Read(ReadOnlySpan<byte> utf8)
    {
        if (utf8.IsEmpty || utf8[0] != (byte)'{')
            return SchemeStatus.None;
        var status = SchemeStatus.None;
        var reader = JsonReading.Begin(utf8);
        while (reader.NextField())
        {
            if (reader.IsField("observedGeneration"u8))
                status = status with { ObservedGeneration = reader.NextWhole() };
            else if (reader.IsField("hash"u8))
                status = status with { Hash = reader.NextText(null) };
            else if (reader.IsField("nodes"u8))
                status = status with { Nodes = NextCounts(ref reader) };
            else if (reader.IsField("effect"u8))
                status = status with { Effect = NextEffect(ref reader) };
            else if (reader.IsField("rollout"u8))
                status = status with { Rollout = NextRollout(ref reader, utf8) };
            else if (reader.IsField("failures"u8))
                status = status with { Failures = NextFailures(ref reader) };
            else if (reader.IsField("failuresTruncated"u8))
                status = status with { FailuresTruncated = reader.NextTruth() };
            else if (reader.IsField("conditions"u8))
                status = status with { Conditions = NextConditions(ref reader) };
            else
                reader.PassOver();
        }

        return status;
    }

    private static NodeCounts NextCounts(ref Utf8JsonReader reader)
    {
        var counts = default(NodeCounts);
        if (!reader.EntersObject())
            return counts;
        while (reader.NextField())
        {
            if (reader.IsField("updated"u8))
                counts = counts with { Updated = (int)reader.NextWhole() };
            else if (reader.IsField("pending"u8))
                counts = counts with { Pending = (int)reader.NextWhole() };
            else if (reader.IsField("paused"u8))
                counts = counts with { Paused = (int)reader.NextWhole() };
            else if (reader.IsField("observing"u8))
                counts = counts with { Observing = (int)reader.NextWhole() };
            else if (reader.IsField("active"u8))
                counts = counts with { Active = (int)reader.NextWhole() };
            else if (reader.IsField("backoff"u8))
                counts = counts with { Backoff = (int)reader.NextWhole() };
            else if (reader.IsField("stopped"u8))
                counts = counts with { Stopped = (int)reader.NextWhole() };
            else if (reader.IsField("degraded"u8))
                counts = counts with { Degraded = (int)reader.NextWhole() };
            else if (reader.IsField("unsupported"u8))
                counts = counts with { Unsupported = (int)reader.NextWhole() };
            else if (reader.IsField("unreachable"u8))
                counts = counts with { Unreachable = (int)reader.NextWhole() };
            else
                reader.PassOver();
        }

        return counts;
    }

    private static EffectSums? NextEffect(ref Utf8JsonReader reader)
    {
        if (!reader.EntersObject())
            return null;
        var effect = default(EffectSums);
        while (reader.NextField())
        {
            if (reader.IsField("coldBytes"u8))
                effect = effect with { ColdBytes = reader.NextWhole() };
            else if (reader.IsField("advisedBytes"u8))
                effect = effect with { AdvisedBytes = reader.NextWhole() };
            else if (reader.IsField("awayBytes"u8))
                effect = effect with { AwayBytes = reader.NextWhole() };
            else
                reader.PassOver();
        }

        return effect;
    }

    private static RolloutState? NextRollout(ref Utf8JsonReader reader, ReadOnlySpan<byte> utf8)
    {
        if (!reader.EntersObject())
            return null;
        string hash = "", phase = "", resumed = "";
        var (step, forgiven) = (0L, 0L);
        DateTimeOffset? since = null;
        FormerVersion? former = null;
        while (reader.NextField())
        {
            if (reader.IsField("hash"u8))
                hash = reader.NextText(null);
            else if (reader.IsField("phase"u8))
                phase = reader.NextText(null);
            else if (reader.IsField("step"u8))
                step = reader.NextWhole();
            else if (reader.IsField("since"u8))
                since = reader.NextTime();
            else if (reader.IsField("resumed"u8))
                resumed = reader.NextText(null);
            else if (reader.IsField("forgivenTrips"u8))
                forgiven = reader.NextWhole();
            else if (reader.IsField("former"u8))
                former = NextFormer(ref reader, utf8);
            else
                reader.PassOver();
        }

        if (hash.Length == 0 || since is not { } time || !Enum.TryParse<RolloutPhase>(phase, out var known) || !Enum.IsDefined(known))
            return null;
        return new RolloutState
        {
            Hash = hash,
            Phase = known,
            Step = (int)Math.Clamp(step, 0, int.MaxValue),
            Since = time,
            Former = former,
            Resumed = resumed,
            ForgivenTrips = (int)Math.Clamp(forgiven, 0, int.MaxValue),
        };
    }

    private static FormerVersion? NextFormer(ref Utf8JsonReader reader, ReadOnlySpan<byte> utf8)
    {
        if (!reader.EntersObject())
            return null;
        var (hash, generation) = ("", 0L);
        ReadOnlySpan<byte> spec = [];
        while (reader.NextField())
        {
            if (reader.IsField("hash"u8))
                hash = reader.NextText(null);
            else if (reader.IsField("generation"u8))
                generation = reader.NextWhole();
            else if (reader.IsField("spec"u8))
                spec = reader.NextRaw(utf8);
            else
                reader.PassOver();
        }

        if (!VersionHash.TryParse(hash, out var version) || spec.IsEmpty || spec[0] != (byte)'{')
            return null;
        try
        {
            // Only what acts is something to go back to.
            return VersionText.Read(spec.ToArray()) is { Form: { Acts: true, IsPaused: false } } text ? new(version, generation, text) : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static List<SchemeFailure> NextFailures(ref Utf8JsonReader reader)
    {
        var failures = new List<SchemeFailure>();
        if (!reader.EntersArray())
            return failures;
        while (reader.NextObject())
        {
            string node = "", reason = "", message = "";
            while (reader.NextField())
            {
                if (reader.IsField("node"u8))
                    node = reader.NextText(null);
                else if (reader.IsField("reason"u8))
                    reason = reader.NextText(null);
                else if (reader.IsField("message"u8))
                    message = reader.NextText(null);
                else
                    reader.PassOver();
            }

            failures.Add(new(node, reason, message));
        }

        return failures;
    }

    private static List<ObjectCondition> NextConditions(ref Utf8JsonReader reader)
    {
        var conditions = new List<ObjectCondition>();
        if (!reader.EntersArray())
            return conditions;
        while (reader.NextObject())
        {
            string type = "", status = "", reason = "", message = "";
            long? generation = null;
            DateTimeOffset? since = null;
            while (reader.NextField())
            {
                if (reader.IsField("type"u8))
                    type = reader.NextText(null);
                else if (reader.IsField("status"u8))
                    status = reader.NextText(null);
                else if (reader.IsField("observedGeneration"u8))
                    generation = reader.NextWhole();
                else if (reader.IsField("lastTransitionTime"u8))
                    since = reader.NextTime();
                else if (reader.IsField("reason"u8))
                    reason = reader.NextText(null);
                else if (reader.IsField("message"u8))
                    message = reader.NextText(null);
                else
                    reader.PassOver();
            }

            if (type.Length > 0 && since is { } time)
                conditions.Add(new() { Type = type, Status = status, ObservedGeneration = generation, LastTransitionTime = time, Reason = reason, Message = message });
        }

        return conditions;
    }
}
