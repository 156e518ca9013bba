using Damon.Api.Manifests;
using Damon.Api.Schemes;
using Damon.Api.Units;

namespace Damon.Api.Clusters;

/// <summary>Decodes the cluster's configuration, each field with its bound and its default.</summary>
internal static class DamonClusterConfigDecoder
{
    public const int MaxNamespaces = 64;
    public const int MaxProbesPerSecond = 100_000_000;
    public const int HighestPodPriority = 2_000_001_000;
    public const int MaxTrips = 100;

    private static readonly Quantity Zero = Quantity.FromBytes(0);

    public static DamonClusterConfig? Config(ManifestFields fields)
    {
        var apiVersion = DamonSchemeDecoder.Constant(fields, "apiVersion", DamonSchemeReader.ApiVersion);
        var kind = DamonSchemeDecoder.Constant(fields, "kind", DamonClusterConfigReader.Kind);
        if (!apiVersion || !kind)
        {
            fields.IgnoreRest();
            return null;
        }

        var generation = 0L;
        fields.Require("metadata")?.Object(metadata =>
        {
            DamonSchemeDecoder.Constant(metadata, "name", DamonClusterConfigReader.Name);
            generation = metadata.Find("generation")?.LongInteger(0, long.MaxValue) ?? 0;
            metadata.IgnoreRest();
            return metadata;
        });
        var spec = fields.Require("spec")?.Object(Spec);
        return spec is null ? null : new() { Generation = generation, Spec = spec };
    }

    public static DamonClusterConfigSpec Spec(ManifestFields fields) => new()
    {
        Mode = fields.Find("mode")?.Choice<ClusterMode>() ?? DamonClusterConfigDefaults.Mode,
        AllowedActions = fields.Find("allowedActions") is { } actions ? Choices<ActionType>(actions) : null,
        ProtectedNamespaces = Namespaces(fields.Find("protectedNamespaces")),
        OptIn = fields.Find("optIn")?.Bool() ?? false,
        NodeTargets = fields.Find("nodeTargets")?.Bool() ?? false,
        ExclusiveModules = fields.Find("exclusiveModules") is { } modules ? Choices<KernelModule>(modules) : [],
        Ceilings = fields.Find("ceilings")?.Object(Ceilings) ?? new(),
        Safety = fields.Find("safety")?.Object(Safety) ?? new(),
    };

    private static CeilingsSpec Ceilings(ManifestFields fields) => new()
    {
        AgentCpu = fields.Find("agentCpu")?.Share(zeroAllowed: false) ?? DamonClusterConfigDefaults.AgentCpu,
        ProbesPerSecond = fields.Find("probesPerSecond")?.Integer(1, MaxProbesPerSecond),
        ReclaimPerNode = fields.Find("reclaimPerNode")?.Size(),
    };

    private static ClusterSafetySpec Safety(ManifestFields fields) => new()
    {
        AcceptUnmeasurable = fields.Find("acceptUnmeasurable")?.Bool() ?? false,
        MaxPodPriority = fields.Find("maxPodPriority")?.Integer(0, HighestPodPriority) ?? DamonClusterConfigDefaults.MaxPodPriority,
        StartGrace = fields.Find("startGrace")?.Duration(zeroAllowed: true) ?? DamonClusterConfigDefaults.StartGrace,
        ApiLossGrace = fields.Find("apiLossGrace")?.Duration() ?? DamonClusterConfigDefaults.ApiLossGrace,
        Pressure = fields.Find("pressure")?.Object(f => new PressureSafetySpec
        {
            MemoryAvg10 = f.Find("memoryAvg10")?.Share(zeroAllowed: false) ?? DamonClusterConfigDefaults.MemoryAvg10,
            MemoryAvg60 = f.Find("memoryAvg60")?.Share(zeroAllowed: false) ?? DamonClusterConfigDefaults.MemoryAvg60,
            IoAvg10 = f.Find("ioAvg10")?.Share(zeroAllowed: false) ?? DamonClusterConfigDefaults.IoAvg10,
            Calm = f.Find("calm")?.Duration(zeroAllowed: true) ?? DamonClusterConfigDefaults.Calm,
        }) ?? new(),
        Refaults = fields.Find("refaults")?.Object(f => new RefaultSafetySpec
        {
            Share = f.Find("share")?.Share(zeroAllowed: false) ?? DamonClusterConfigDefaults.RefaultShare,
            PromotionsPerMinute = f.Find("promotionsPerMinute")?.Share(zeroAllowed: false) ?? DamonClusterConfigDefaults.PromotionsPerMinute,
            Trips = f.Find("trips")?.Integer(1, MaxTrips) ?? DamonClusterConfigDefaults.RefaultTrips,
        }) ?? new(),
        Floors = fields.Find("floors")?.Object(f => new FloorSafetySpec
        {
            RequestShare = f.Find("requestShare")?.Share() ?? DamonClusterConfigDefaults.FloorRequestShare,
            Size = f.Find("size")?.Size(Zero) ?? DamonClusterConfigDefaults.FloorSize,
        }) ?? new(),
        Swap = fields.Find("swap")?.Object(f => new SwapSafetySpec
        {
            MinFree = f.Find("minFree")?.Share() ?? DamonClusterConfigDefaults.MinFreeSwap,
            MaxOutPerSecond = f.Find("maxOutPerSecond")?.Size() ?? DamonClusterConfigDefaults.MaxSwapOutPerSecond,
        }) ?? new(),
        Emergency = fields.Find("emergency")?.Object(f => new EmergencySafetySpec
        {
            MemoryFullAvg10 = f.Find("memoryFullAvg10")?.Share(zeroAllowed: false) ?? DamonClusterConfigDefaults.MemoryFullAvg10,
            CoolDown = f.Find("coolDown")?.Duration() ?? DamonClusterConfigDefaults.CoolDown,
        }) ?? new(),
    };

    private static List<T> Choices<T>(ManifestValue value)
        where T : struct, Enum
    {
        var choices = new List<T>();
        foreach (var item in value.Items(Enum.GetValues<T>().Length) ?? [])
        {
            if (item.Choice<T>() is not { } one)
                continue;
            if (choices.Contains(one))
                item.Report($"{one} stands twice; leave one out");
            choices.Add(one);
        }

        return choices;
    }

    private static IReadOnlyList<string> Namespaces(ManifestValue? value)
    {
        if (value?.Items(MaxNamespaces) is not { } items)
            return DamonClusterConfigDefaults.ProtectedNamespaces;
        var names = new List<string>();
        foreach (var item in items)
        {
            if (item.Text() is not { } name)
                continue;
            if (!LabelSyntax.IsDnsLabel(name))
                item.Report($"{QuotedText.Of(name)} is not a namespace's name; write at most 63 lower-case letters, digits and hyphens, with a letter or digit at both ends");
            else if (names.Contains(name))
                item.Report($"{QuotedText.Of(name)} stands twice; leave one out");
            names.Add(name);
        }

        return names;
    }
}
