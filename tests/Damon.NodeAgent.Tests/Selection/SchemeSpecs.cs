using CsCheck;

namespace Damon.NodeAgent.Tests.Selection;

/// <summary>
/// Specs of schemes by chance, with every field that there is, as JSON. Most of their selectors name what they must not reach. Some break a rule and are refused: which, the decoder says.
/// </summary>
internal static class SchemeSpecs
{
    private static readonly Gen<string> Flag = Choice("true", "false");
    private static readonly Gen<string> Share = Text("0%", "0.2%", "5%", "50%", "100%");
    private static readonly Gen<string> Duration = Text("1s", "10s");
    private static readonly Gen<string> Size = Text("4Ki", "8Mi", "1Gi");
    private static readonly Gen<string> LabelValue = Text("web", "kube-system", "db", "shop", "true");
    private static readonly Gen<string> LabelKey = Text("app", "kubernetes.io/metadata.name", "damon.dev/opt-in", "zone");

    private static readonly Gen<string> Expression = Gen.OneOf(
        Object(Field("key", LabelKey), Field("operator", Text("In", "NotIn")), Field("values", List(LabelValue, 1, 3))),
        Object(Field("key", LabelKey), Field("operator", Text("Exists", "DoesNotExist"))));

    private static readonly Gen<string> Selector = Object(
        Maybe("matchLabels", Object(Maybe("app", LabelValue), Maybe("kubernetes.io/metadata.name", LabelValue))),
        Maybe("matchExpressions", List(Expression, 0, 2)));

    private static readonly Gen<string> Monitoring = Object(
        Maybe("sampleInterval", Text("100ms", "500ms", "1s")),
        Maybe("aggregationInterval", Text("2s", "5s")),
        Maybe("updateInterval", Text("30s", "60s")),
        Maybe("regions", Object(Maybe("min", Choice("3", "10")), Maybe("max", Choice("10", "200")))),
        Maybe("autoTune", Object(
            Maybe("accessRatio", Text("4%")), Maybe("aggregations", Choice("3")), Maybe("minSampleInterval", Text("100ms")), Maybe("maxSampleInterval", Text("10s")))));

    private static readonly Gen<string> Pattern = Object(
        Maybe("size", Range(Text("0", "4Ki"), Size)),
        Maybe("accessRate", Range(Text("0%"), Share)),
        Maybe("age", Range(Text("0s", "2s"), Text("10s", "1h"))));

    private static readonly Gen<string> Goal = Gen.OneOf(
        Object(Field("metric", Text("SomeMemoryPressure")), Field("target", Text("500us"))),
        Object(Field("metric", Text("UserInput")), Field("target", Choice("100"))),
        Object(Field("metric", Text("NodeMemoryFree")), Field("target", Text("5%")), Field("node", Choice("0", "1"))));

    private static readonly Gen<string> Quota = Object(
        Maybe("time", Text("10ms", "1s")),
        Maybe("size", Size),
        Maybe("interval", Text("1s", "2s")),
        Maybe("weights", Object(Maybe("accessRate", Share), Maybe("age", Share))),
        Maybe("goals", List(Goal, 0, 1)),
        Maybe("tuner", Text("Consistent", "Temporal")),
        Maybe("perPod", Object(Field("size", Size))));

    private static readonly Gen<string> Filter = Gen.OneOf(
        Object(Field("type", Text("Anonymous", "Active", "Young", "Unmapped")), Field("matching", Flag), Field("allow", Flag)),
        Object(Field("type", Text("HugePageSize")), Field("matching", Flag), Field("allow", Flag), Field("min", Text("4Ki")), Field("max", Text("2Mi"))));

    private static readonly Gen<string> Rollout = Object(
        Maybe("canary", Object(Maybe("percent", Share), Maybe("soak", Text("0s", "10m")))),
        Maybe("steps", Choice("""["100%"]""", """["10%","100%"]""")),
        Maybe("maxConcurrentNodes", Text("10%")),
        Maybe("haltOn", Object(Maybe("degraded", Text("5%")), Maybe("safetyTrips", Text("5%")))),
        Maybe("onHalt", Text("Pause", "Revert")));

    private static readonly Gen<string> Destination = Gen.OneOf(
        Object(Field("node", Choice("0", "1")), Maybe("weight", Choice("1", "3"))),
        Object(Field("tier", Text("Fast", "Slow")), Maybe("weight", Choice("1", "3"))));

    private static readonly Gen<string> PodsTarget = Object(
        Maybe("kind", Text("Pods")), Maybe("namespaceSelector", Selector), Field("podSelector", Selector), Field("qosClasses", QosClasses()), Maybe("containers", List(Text("c0"), 0, 1)), Field("all", Choice("true")));

    private static readonly Gen<string> NodeTarget = Object(Field("kind", Text("Node")), Field("qosClasses", QosClasses()));

    /// <summary>Schemes of pods; every second one is plain, so that enough of them act.</summary>
    public static Gen<string> OfPods { get; } = Gen.OneOf(
        Plain(PodsTarget),
        Spec(
            PodsTarget,
            Text("Auto", "Auto", "IdlePage", "IdlePage", "Referenced", "Kernel"),
            Gen.OneOf(Action("Stat", "Pageout", "Cold", "WillNeed", "Collapse", "Reclaim", "HugePage", "NoHugePage"), Moves())));

    /// <summary>Schemes of the whole node, likewise.</summary>
    public static Gen<string> OfNode { get; } = Gen.OneOf(
        Plain(NodeTarget), Spec(NodeTarget, Text("Auto", "Kernel"), Gen.OneOf(Action("Stat", "Pageout", "Pageout", "LruPrio", "LruDeprio"), Moves())));

    private static Gen<string> Plain(Gen<string> target) => Object(
        Field("mode", Text("Enforce")), Field("target", target), Maybe("pattern", Pattern), Field("action", Action("Pageout")), Field("quota", Object(Field("size", Size))));

    private static Gen<string> Spec(Gen<string> target, Gen<string> backend, Gen<string> action) => Object(
        Field("mode", Text("Observe", "Enforce", "Enforce", "Enforce")),
        Maybe("paused", Choice("false", "false", "true")),
        Maybe("priority", Choice("0", "1000000")),
        Maybe("nodeSelector", Selector),
        Field("target", target),
        Maybe("backend", backend),
        Maybe("monitoring", Monitoring),
        Maybe("pattern", Pattern),
        Field("action", action),
        Maybe("applyInterval", Duration),
        Field("quota", Quota),
        Maybe("watermarks", Choice("""{"metric":"None"}""", """{"metric":"FreeMemory","interval":"5s","high":"100%","mid":"100%","low":"0%"}""")),
        Maybe("filters", List(Filter, 0, 2)),
        Maybe("safety", Choice("{}")),
        Maybe("rollout", Rollout),
        Maybe("expiresAfter", Text("720h")));

    private static Gen<string> Action(params string[] types) => Object(Field("type", Text(types)));

    private static Gen<string> Moves() => Object(Field("type", Text("MigrateHot", "MigrateCold")), Field("destinations", List(Destination, 1, 1)));

    private static Gen<string> Range(Gen<string> min, Gen<string> max) => Object(Maybe("min", min), Maybe("max", max));

    private static Gen<string> QosClasses() =>
        Choice("""["BestEffort"]""", """["BestEffort","Burstable"]""", """["BestEffort","Burstable","Guaranteed"]""");

    private static Gen<string> Choice(params string[] values) => Gen.OneOf(values);

    private static Gen<string> Text(params string[] values) => Choice([.. values.Select(value => $"\"{value}\"")]);

    private static Gen<string> List(Gen<string> item, int min, int max) => item.Array[min, max].Select(items => $"[{string.Join(',', items)}]");

    private static Gen<string> Field(string name, Gen<string> value) => value.Select(text => $"\"{name}\":{text}");

    private static Gen<string> Maybe(string name, Gen<string> value) => Gen.OneOf(Gen.Const(""), Field(name, value));

    private static Gen<string> Object(params Gen<string>[] fields) =>
        fields.Aggregate(Gen.Const(""), (before, field) => Gen.Select(before, field, (left, right) => left.Length == 0 || right.Length == 0 ? left + right : $"{left},{right}")).Select(all => $"{{{all}}}");
}
