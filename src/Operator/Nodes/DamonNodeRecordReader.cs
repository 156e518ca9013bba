using System.Text.Json;
using Damon.Api.Clusters;
using Damon.Api.Nodes;
using Damon.Operator.Json;
using Damon.Operator.Plans;
using Damon.Operator.Schemes;

namespace Damon.Operator.Nodes;

/// <summary>
/// Reads DamonNodes from the API server's JSON into compact records. A field of the status that cannot be read is a missing one; a plan that holds what cannot be read is one that nobody of us wrote, and is written anew.
/// For several threads.
/// </summary>
public sealed class DamonNodeRecordReader
{
    private readonly TextPool _texts;
    private readonly SharedValues<VersionText> _versions;
    private readonly SharedValues<EntryReading> _entries;
    private readonly SharedValues<NodeCapabilities> _capabilities;

    /// <summary>Makes a reader.</summary>
    /// <param name="texts">Texts that repeat.</param>
    public DamonNodeRecordReader(TextPool texts)
    {
        _texts = texts;
        _versions = new(static utf8 => VersionText.Read(utf8.ToArray()));
        _entries = new(ReadEntry);
        _capabilities = new(NodeCapabilities.Read);
    }

    /// <summary>Reads one; serves as the decoder of an informer.</summary>
    /// <param name="utf8">The object.</param>
    /// <exception cref="JsonException">No DamonNode.</exception>
    public DamonNodeRecord Read(ReadOnlySpan<byte> utf8)
    {
        var (metadata, plan, status) = (default(ObjectMetadata), default(PlanReading), default(StatusReading));
        var reader = JsonReading.Begin(utf8);
        while (reader.NextField())
        {
            if (reader.IsField("metadata"u8))
                metadata = ObjectMetadata.Next(ref reader, _texts);
            else if (reader.IsField("spec"u8))
                plan = NextPlan(ref reader, utf8);
            else if (reader.IsField("status"u8))
                status = NextStatus(ref reader, utf8);
            else
                reader.PassOver();
        }

        var note = metadata.Annotations.TryGetValue(PlanNote.Annotation, out var text) ? PlanNote.Read(text, _texts) : PlanNote.None;
        return new DamonNodeRecord
        {
            Name = metadata.RequireName(),
            Uid = metadata.Uid,
            Generation = metadata.Generation,
            OwnerUid = metadata.OwnerUid,
            Entries = plan.Entries ?? [],
            PlanDigest = plan.IsForeign || plan.Mode is not { } mode ? default : NodePlan.DigestOf(mode, plan.Entries ?? []),
            PlannedAt = note.At,
            TripsBefore = note.TripsBefore,
            ObservedGeneration = status.ObservedGeneration,
            Capabilities = status.Capabilities ?? NodeCapabilities.Unknown,
            Statuses = status.Schemes ?? [],
        };
    }

    private PlanReading NextPlan(ref Utf8JsonReader reader, ReadOnlySpan<byte> utf8)
    {
        var plan = default(PlanReading);
        if (!reader.EntersObject())
            return plan;
        while (reader.NextField())
        {
            if (reader.IsField("mode"u8))
                plan.Mode = Enum.TryParse<ClusterMode>(reader.NextText(_texts), out var mode) && Enum.IsDefined(mode) ? mode : null;
            else if (reader.IsField("schemes"u8))
                (plan.Entries, plan.IsForeign) = NextEntries(ref reader, utf8);
            else
                reader.PassOver();
        }

        return plan;
    }

    private (PlannedEntry[] Entries, bool IsForeign) NextEntries(ref Utf8JsonReader reader, ReadOnlySpan<byte> utf8)
    {
        if (!reader.EntersArray())
            return ([], true);
        var entries = new List<PlannedEntry>();
        var isForeign = false;
        while (reader.NextObject())
        {
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (_entries.Get(utf8[start..(int)reader.BytesConsumed]).Entry is { } entry)
                entries.Add(entry);
            else
                isForeign = true;
        }

        return ([.. entries], isForeign);
    }

    private EntryReading ReadEntry(ReadOnlySpan<byte> utf8)
    {
        var (name, hash) = ("", "");
        byte[]? document = null;
        var reader = JsonReading.Begin(utf8);
        while (reader.NextField())
        {
            if (reader.IsField("name"u8))
                name = reader.NextText(_texts);
            else if (reader.IsField("hash"u8))
                hash = reader.NextText(_texts);
            else if (reader.IsField("document"u8))
                document = reader.NextUtf8();
            else
                reader.PassOver();
        }

        if (name.Length == 0 || hash.Length == 0 || document is null)
            return new(null);
        try
        {
            return new(ReadDocument(name, hash, document));
        }
        catch (JsonException)
        {
            return new(null);
        }
    }

    /// <summary>As strict as the agent's reader: what the agent refuses must not pass for a plan here, or nobody would ever write it anew.</summary>
    private PlannedEntry? ReadDocument(string name, string hash, ReadOnlySpan<byte> utf8)
    {
        string? uid = null;
        long? generation = null, rank = null;
        DateTimeOffset? createdAt = null;
        VersionText? text = null;
        var fields = 0;
        var reader = JsonReading.Begin(utf8);
        while (reader.NextField())
        {
            fields++;
            if (reader.IsField("uid"u8))
                uid = reader.NextText(_texts);
            else if (reader.IsField("generation"u8))
                generation = reader.NextWhole();
            else if (reader.IsField("rank"u8))
                rank = reader.NextWhole();
            else if (reader.IsField("createdAt"u8))
                createdAt = NodePlanWriter.TimeOf(reader.NextText(null));
            else if (reader.IsField("spec"u8))
                text = VersionOf(reader.NextRaw(utf8));
            else
                reader.PassOver();
        }

        // As many fields as there are names: none twice, and none beside them. After the object there is nothing; the reader throws where there is.
        var isWhole = fields == 5 && !reader.Read() && uid is { Length: > 0 } && generation > 0 && rank is > 0 and <= int.MaxValue && createdAt is not null && text is not null;
        return isWhole ? new(name, uid!, generation!.Value, hash, (int)rank!.Value, createdAt!.Value, text!) : null;
    }

    private VersionText? VersionOf(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return _versions.Get(utf8);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private StatusReading NextStatus(ref Utf8JsonReader reader, ReadOnlySpan<byte> utf8)
    {
        var status = default(StatusReading);
        if (!reader.EntersObject())
            return status;
        while (reader.NextField())
        {
            if (reader.IsField("observedGeneration"u8))
            {
                status.ObservedGeneration = reader.NextWhole();
            }
            else if (reader.IsField("capabilities"u8))
            {
                if (!reader.EntersArray())
                    continue;
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                status.Capabilities = _capabilities.Get(utf8[start..(int)reader.BytesConsumed]);
            }
            else if (reader.IsField("schemes"u8))
            {
                status.Schemes = NextSchemes(ref reader);
            }
            else
            {
                reader.PassOver();
            }
        }

        return status;
    }

    private NodeSchemeRecord[] NextSchemes(ref Utf8JsonReader reader)
    {
        if (!reader.EntersArray())
            return [];
        var schemes = new List<NodeSchemeRecord>(DamonNodeReader.MaxSchemes);
        while (reader.NextObject())
            schemes.Add(ReadScheme(ref reader));
        return [.. schemes];
    }

    private NodeSchemeRecord ReadScheme(ref Utf8JsonReader reader)
    {
        string name = "", hash = "", state = "", reason = "", message = "", winner = "";
        DateTimeOffset? since = null;
        long targets = 0, containers = 0, trips = 0, cold = 0, advised = 0, away = 0;
        while (reader.NextField())
        {
            if (reader.IsField("name"u8))
                name = reader.NextText(_texts);
            else if (reader.IsField("appliedHash"u8))
                hash = reader.NextText(_texts);
            else if (reader.IsField("state"u8))
                state = reader.NextText(_texts);
            else if (reader.IsField("reason"u8))
                reason = reader.NextText(_texts);
            else if (reader.IsField("message"u8))
                message = reader.NextText(_texts);
            else if (reader.IsField("since"u8))
                since = reader.NextTime();
            else if (reader.IsField("targets"u8))
                targets = reader.NextWhole();
            else if (reader.IsField("trips"u8))
                trips = reader.NextWhole();
            else if (reader.IsField("conflicts"u8))
                (containers, winner) = NextConflicts(ref reader);
            else if (reader.IsField("effect"u8))
                (cold, advised, away) = NextEffect(ref reader);
            else
                reader.PassOver();
        }

        var known = Enum.TryParse<NodeSchemeState>(state, out var parsed) && Enum.IsDefined(parsed) ? parsed : NodeSchemeState.Degraded;
        return new NodeSchemeRecord
        {
            Name = name,
            AppliedHash = hash,
            State = known,
            Reason = reason,
            Message = known is NodeSchemeState.Degraded or NodeSchemeState.Unsupported ? message : "",
            Since = since,
            Targets = (int)Math.Clamp(targets, 0, int.MaxValue),
            ConflictContainers = (int)Math.Clamp(containers, 0, int.MaxValue),
            ConflictWinner = winner,
            ColdBytes = Math.Max(0, cold),
            AdvisedBytes = Math.Max(0, advised),
            AwayBytes = Math.Max(0, away),
            Trips = Math.Max(0, trips),
        };
    }

    private (long Containers, string Winner) NextConflicts(ref Utf8JsonReader reader)
    {
        var (containers, winner) = (0L, "");
        if (!reader.EntersObject())
            return (containers, winner);
        while (reader.NextField())
        {
            if (reader.IsField("containers"u8))
                containers = reader.NextWhole();
            else if (reader.IsField("winner"u8))
                winner = reader.NextText(_texts);
            else
                reader.PassOver();
        }

        return (containers, winner);
    }

    private static (long Cold, long Advised, long Away) NextEffect(ref Utf8JsonReader reader)
    {
        var (cold, advised, away) = (0L, 0L, 0L);
        if (!reader.EntersObject())
            return (cold, advised, away);
        while (reader.NextField())
        {
            if (reader.IsField("coldBytes"u8))
                cold = reader.NextWhole();
            else if (reader.IsField("advisedBytes"u8))
                advised = reader.NextWhole();
            else if (reader.IsField("awayBytes"u8))
                away = reader.NextWhole();
            else
                reader.PassOver();
        }

        return (cold, advised, away);
    }

    private struct PlanReading
    {
        public ClusterMode? Mode;
        public PlannedEntry[]? Entries;
        public bool IsForeign;
    }

    private struct StatusReading
    {
        public long ObservedGeneration;
        public NodeCapabilities? Capabilities;
        public NodeSchemeRecord[]? Schemes;
    }

    /// <summary>An entry, or that there is none to be had from that text.</summary>
    private sealed record EntryReading(PlannedEntry? Entry);
}
