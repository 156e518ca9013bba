using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Damon.Kubernetes.Objects;

namespace Damon.Kubernetes.Leases;

/// <summary>A lease as it was read. Written back with everything in it that is not ours to know.</summary>
internal sealed class LeaseRecord
{
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";

    private readonly JsonObject _lease;

    private LeaseRecord(JsonObject lease)
    {
        _lease = lease;
    }

    public string Holder => Text("holderIdentity");

    public TimeSpan? Duration => Spec["leaseDurationSeconds"] is JsonValue value && value.TryGetValue<int>(out var seconds) && seconds > 0 ? TimeSpan.FromSeconds(seconds) : null;

    /// <summary>Changes whenever its holder does anything. The times in it are only ever compared for equality: they are of another machine's clock.</summary>
    public (string Holder, string RenewTime, string AcquireTime, int Transitions) Observation => (Holder, Text("renewTime"), Text("acquireTime"), Transitions);

    private int Transitions => Spec["leaseTransitions"] is JsonValue value && value.TryGetValue<int>(out var number) ? number : 0;

    private JsonObject Spec
    {
        get
        {
            if (_lease["spec"] is JsonObject spec)
                return spec;
            spec = [];
            _lease["spec"] = spec;
            return spec;
        }
    }

    public static LeaseRecord New(ObjectKey key) => new(new JsonObject
    {
        ["apiVersion"] = ResourceKind.Leases.ApiVersion,
        ["kind"] = ResourceKind.Leases.Kind,
        ["metadata"] = new JsonObject { ["namespace"] = key.Namespace, ["name"] = key.Name },
    });

    /// <exception cref="JsonException">It is no object.</exception>
    public static LeaseRecord Parse(ReadOnlyMemory<byte> json) => new(JsonNode.Parse(json.Span) as JsonObject ?? throw new JsonException("Not a lease."));

    /// <summary>The lease as this holder wants it: a new term if somebody else had it before.</summary>
    public byte[] HeldBy(string identity, TimeSpan duration, DateTimeOffset now)
    {
        var spec = (JsonObject)Spec.DeepClone();
        if (Holder != identity)
        {
            spec["acquireTime"] = Format(now);
            spec["leaseTransitions"] = Holder.Length == 0 && Transitions == 0 ? 0 : Transitions + 1;
        }

        spec["holderIdentity"] = identity;
        spec["leaseDurationSeconds"] = (int)duration.TotalSeconds;
        spec["renewTime"] = Format(now);
        return With(spec);
    }

    /// <summary>The lease without a holder: whoever looks at it next may take it.</summary>
    public byte[] Released(DateTimeOffset now)
    {
        var spec = (JsonObject)Spec.DeepClone();
        spec["holderIdentity"] = "";
        spec["leaseDurationSeconds"] = 1;
        spec["renewTime"] = Format(now);
        return With(spec);
    }

    private static string Format(DateTimeOffset time) => time.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture);

    private byte[] With(JsonObject spec)
    {
        var lease = (JsonObject)_lease.DeepClone();
        lease["spec"] = spec;
        return System.Text.Encoding.UTF8.GetBytes(lease.ToJsonString());
    }

    private string Text(string name) => Spec[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";
}
