using System.Collections.ObjectModel;
using System.Globalization;
using System.Text.Json;
using Damon.Api.Schemes;
using Damon.Kubernetes.Objects;
using Damon.NodeAgent.Pods;

namespace Damon.NodeAgent.Cluster;

/// <summary>
/// Reads a pod as the API server gives it, and keeps only what the agent needs: a node's pods are some megabytes of JSON and some hundred kilobytes of records. What is missing or of
/// another type is read in the way in which less is done to the pod.
/// </summary>
internal static class PodReader
{
    private const string MirrorAnnotation = "kubernetes.io/config.mirror";
    private const string SourceAnnotation = "kubernetes.io/config.source";
    private const string HashAnnotation = "kubernetes.io/config.hash";

    /// <summary>Reads a pod.</summary>
    /// <param name="utf8">The object.</param>
    /// <returns>The pod, without the labels of its namespace; null for what is no JSON object, or has no namespace, name or uid.</returns>
    public static PodRecord? Read(ReadOnlySpan<byte> utf8)
    {
        var draft = new Draft();
        var isRead = JsonFields.TryRead(utf8, (ref Utf8JsonReader reader, ReadOnlySpan<byte> name) =>
        {
            if (name.SequenceEqual("metadata"u8))
            {
                JsonFields.Object(ref reader, draft.OnMetadata);
            }
            else if (name.SequenceEqual("spec"u8))
            {
                JsonFields.Object(ref reader, draft.OnSpec);
            }
            else if (name.SequenceEqual("status"u8))
            {
                JsonFields.Object(ref reader, draft.OnStatus);
            }
        });
        return isRead && draft is { Namespace.Length: > 0, Name.Length: > 0, Uid.Length: > 0 } ? draft.ToRecord() : null;
    }

    /// <summary>The labels of a namespace, or of anything else that has metadata.</summary>
    /// <param name="utf8">The object.</param>
    /// <returns>The labels; null for what is no JSON object.</returns>
    public static IReadOnlyDictionary<string, string>? ReadLabels(ReadOnlySpan<byte> utf8)
    {
        IReadOnlyDictionary<string, string> labels = ReadOnlyDictionary<string, string>.Empty;
        var isRead = JsonFields.TryRead(utf8, (ref Utf8JsonReader reader, ReadOnlySpan<byte> name) =>
        {
            if (name.SequenceEqual("metadata"u8))
            {
                JsonFields.Object(ref reader, (ref Utf8JsonReader inner, ReadOnlySpan<byte> field) =>
                {
                    if (field.SequenceEqual("labels"u8))
                    {
                        labels = JsonFields.Map(ref inner);
                    }
                });
            }
        });
        return isRead ? labels : null;
    }

    private static ulong Add(ulong left, ulong right) => left > ulong.MaxValue - right ? ulong.MaxValue : left + right;

    private sealed record Status(string RuntimeId, bool Running, DateTimeOffset? StartedAt, ulong MemoryRequestBytes);

    private sealed record Spec(string Name, ContainerKind Kind, ulong MemoryRequestBytes);

    private sealed class Draft
    {
        private readonly Dictionary<string, Status> _statuses = new(StringComparer.Ordinal);
        private List<Spec> _containers = [];
        private List<Spec> _initContainers = [];
        private List<Spec> _ephemeralContainers = [];
        private Dictionary<string, string> _labels = [];
        private Dictionary<string, string> _annotations = [];
        private bool _isTerminating;
        private int _priority;
        private string _priorityClassName = "";
        private ulong _overheadBytes;
        private ulong _podRequestBytes;

        // A class that is not known is taken for the one that is never touched.
        private QosClass _qosClass = QosClass.Guaranteed;
        private PodPhase _phase;

        public string Namespace { get; private set; } = "";

        public string Name { get; private set; } = "";

        public string Uid { get; private set; } = "";

        public void OnMetadata(ref Utf8JsonReader reader, ReadOnlySpan<byte> name)
        {
            if (name.SequenceEqual("namespace"u8))
            {
                Namespace = JsonFields.Text(ref reader);
            }
            else if (name.SequenceEqual("name"u8))
            {
                Name = JsonFields.Text(ref reader);
            }
            else if (name.SequenceEqual("uid"u8))
            {
                Uid = JsonFields.Text(ref reader);
            }
            else if (name.SequenceEqual("labels"u8))
            {
                _labels = JsonFields.Map(ref reader);
            }
            else if (name.SequenceEqual("annotations"u8))
            {
                _annotations = JsonFields.Map(ref reader);
            }
            else if (name.SequenceEqual("deletionTimestamp"u8))
            {
                _isTerminating = reader.TokenType != JsonTokenType.Null;
            }
        }

        public void OnSpec(ref Utf8JsonReader reader, ReadOnlySpan<byte> name)
        {
            if (name.SequenceEqual("containers"u8))
            {
                _containers = ReadContainers(ref reader, ContainerKind.App);
            }
            else if (name.SequenceEqual("initContainers"u8))
            {
                _initContainers = ReadContainers(ref reader, ContainerKind.Init);
            }
            else if (name.SequenceEqual("ephemeralContainers"u8))
            {
                _ephemeralContainers = ReadContainers(ref reader, ContainerKind.Ephemeral);
            }
            else if (name.SequenceEqual("priority"u8))
            {
                _priority = JsonFields.Int(ref reader);
            }
            else if (name.SequenceEqual("priorityClassName"u8))
            {
                _priorityClassName = JsonFields.Text(ref reader);
            }
            else if (name.SequenceEqual("overhead"u8))
            {
                _overheadBytes = ReadMemory(ref reader);
            }
            else if (name.SequenceEqual("resources"u8))
            {
                _podRequestBytes = ReadRequest(ref reader);
            }
        }

        public void OnStatus(ref Utf8JsonReader reader, ReadOnlySpan<byte> name)
        {
            if (name.SequenceEqual("phase"u8))
            {
                _phase = JsonFields.Text(ref reader) switch
                {
                    nameof(PodPhase.Pending) => PodPhase.Pending,
                    nameof(PodPhase.Running) => PodPhase.Running,
                    nameof(PodPhase.Succeeded) => PodPhase.Succeeded,
                    nameof(PodPhase.Failed) => PodPhase.Failed,
                    _ => PodPhase.Unknown,
                };
            }
            else if (name.SequenceEqual("qosClass"u8))
            {
                _qosClass = JsonFields.Text(ref reader) switch
                {
                    nameof(QosClass.BestEffort) => QosClass.BestEffort,
                    nameof(QosClass.Burstable) => QosClass.Burstable,
                    _ => QosClass.Guaranteed,
                };
            }
            else if (name.SequenceEqual("containerStatuses"u8) || name.SequenceEqual("initContainerStatuses"u8) || name.SequenceEqual("ephemeralContainerStatuses"u8))
            {
                JsonFields.Array(ref reader, (ref Utf8JsonReader item, ReadOnlySpan<byte> _) => ReadStatus(ref item));
            }
        }

        public PodRecord ToRecord()
        {
            var source = _annotations.GetValueOrDefault(SourceAnnotation, "");
            return new PodRecord
            {
                Namespace = Namespace,
                Name = Name,
                Uid = Uid,
                QosClass = _qosClass,
                Labels = _labels,
                PriorityClassName = _priorityClassName,
                Priority = _priority,
                Phase = _phase,
                IsStatic = _annotations.ContainsKey(MirrorAnnotation) || source is not ("" or "api"),
                ConfigHash = _annotations.GetValueOrDefault(HashAnnotation, ""),
                IsTerminating = _isTerminating,
                MemoryRequestBytes = EffectiveRequest(),
                Containers = [.. _containers.Concat(_initContainers).Concat(_ephemeralContainers).Select(ToRecord)],
            };
        }

        private ContainerRecord ToRecord(Spec container)
        {
            var status = _statuses.GetValueOrDefault(container.Name);
            return new ContainerRecord
            {
                Name = container.Name,
                Kind = container.Kind,
                RuntimeId = status?.RuntimeId ?? "",
                Running = status?.Running ?? false,
                StartedAt = status?.StartedAt,
                MemoryRequestBytes = RequestOf(container),
            };
        }

        /// <summary>
        /// What the scheduler sets aside: containers and sidecars together, or what an init container needs with the sidecars before it where that is more, and the runtime's overhead; a
        /// request of the pod as a whole takes the place of its containers' (kubernetes.io, Sidecar Containers, "Resource sharing within containers"; Pod-level resources).
        /// </summary>
        private ulong EffectiveRequest()
        {
            var together = 0UL;
            var starting = 0UL;
            foreach (var container in _initContainers)
            {
                if (container.Kind == ContainerKind.Sidecar)
                {
                    together = Add(together, RequestOf(container));
                    starting = Math.Max(starting, together);
                }
                else
                {
                    starting = Math.Max(starting, Add(together, RequestOf(container)));
                }
            }

            foreach (var container in _containers)
            {
                together = Add(together, RequestOf(container));
            }

            return Add(_podRequestBytes > 0 ? _podRequestBytes : Math.Max(together, starting), _overheadBytes);
        }

        /// <summary>A request that is changed in place is in the status only when the node has taken it: the larger one leaves more alone.</summary>
        private ulong RequestOf(Spec container) =>
            Math.Max(container.MemoryRequestBytes, _statuses.GetValueOrDefault(container.Name)?.MemoryRequestBytes ?? 0);

        private static List<Spec> ReadContainers(ref Utf8JsonReader reader, ContainerKind kind)
        {
            var containers = new List<Spec>();
            JsonFields.Array(ref reader, (ref Utf8JsonReader item, ReadOnlySpan<byte> _) =>
            {
                var (name, isAlways, request) = ("", false, 0UL);
                JsonFields.Object(ref item, (ref Utf8JsonReader inner, ReadOnlySpan<byte> field) =>
                {
                    if (field.SequenceEqual("name"u8))
                    {
                        name = JsonFields.Text(ref inner);
                    }
                    else if (field.SequenceEqual("restartPolicy"u8))
                    {
                        isAlways = JsonFields.Text(ref inner) == "Always";
                    }
                    else if (field.SequenceEqual("resources"u8))
                    {
                        request = ReadRequest(ref inner);
                    }
                });
                if (name.Length > 0)
                {
                    containers.Add(new Spec(name, kind == ContainerKind.Init && isAlways ? ContainerKind.Sidecar : kind, request));
                }
            });
            return containers;
        }

        private void ReadStatus(ref Utf8JsonReader reader)
        {
            var (name, runtimeId, isRunning, request) = ("", "", false, 0UL);
            DateTimeOffset? startedAt = null;
            JsonFields.Object(ref reader, (ref Utf8JsonReader inner, ReadOnlySpan<byte> field) =>
            {
                if (field.SequenceEqual("name"u8))
                {
                    name = JsonFields.Text(ref inner);
                }
                else if (field.SequenceEqual("containerID"u8))
                {
                    runtimeId = JsonFields.Text(ref inner);
                }
                else if (field.SequenceEqual("resources"u8))
                {
                    request = ReadRequest(ref inner);
                }
                else if (field.SequenceEqual("state"u8))
                {
                    JsonFields.Object(ref inner, (ref Utf8JsonReader state, ReadOnlySpan<byte> which) =>
                    {
                        if (which.SequenceEqual("running"u8) && state.TokenType == JsonTokenType.StartObject)
                        {
                            isRunning = true;
                            startedAt = ReadStart(ref state);
                        }
                    });
                }
            });
            if (name.Length > 0)
            {
                _statuses[name] = new Status(runtimeId, isRunning, startedAt, request);
            }
        }

        private static DateTimeOffset? ReadStart(ref Utf8JsonReader reader)
        {
            DateTimeOffset? startedAt = null;
            JsonFields.Object(ref reader, (ref Utf8JsonReader inner, ReadOnlySpan<byte> field) =>
            {
                if (field.SequenceEqual("startedAt"u8)
                    && DateTimeOffset.TryParse(JsonFields.Text(ref inner), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time))
                {
                    startedAt = time;
                }
            });
            return startedAt;
        }

        /// <summary>The memory in <c>requests</c> of a <c>resources</c>.</summary>
        private static ulong ReadRequest(ref Utf8JsonReader reader)
        {
            var request = 0UL;
            JsonFields.Object(ref reader, (ref Utf8JsonReader inner, ReadOnlySpan<byte> field) =>
            {
                if (field.SequenceEqual("requests"u8))
                {
                    request = ReadMemory(ref inner);
                }
            });
            return request;
        }

        private static ulong ReadMemory(ref Utf8JsonReader reader)
        {
            var bytes = 0UL;
            JsonFields.Object(ref reader, (ref Utf8JsonReader inner, ReadOnlySpan<byte> field) =>
            {
                if (field.SequenceEqual("memory"u8))
                {
                    // Servers write a text; a plain number is a quantity as well.
                    bytes = inner.TokenType == JsonTokenType.Number && inner.TryGetUInt64(out var number) ? number : MemoryQuantity.Parse(JsonFields.Text(ref inner));
                }
            });
            return bytes;
        }
    }
}
