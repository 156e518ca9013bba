using System.Globalization;
using System.Text;

namespace Damon.Scale.Cluster;

/// <summary>Schemes as an admin would write them: each of its own, all for all nodes, none for the same pods.</summary>
internal static class SchemeDocuments
{
    public static string NameOf(int number) => $"scheme-{number:D2}";

    /// <summary>A scheme.</summary>
    /// <param name="number">Which one.</param>
    /// <param name="mode">Its mode.</param>
    /// <param name="ageMinutes">Its age: what is changed between two versions.</param>
    /// <param name="soak">How long its canary is watched.</param>
    public static byte[] Scheme(int number, string mode, int ageMinutes, TimeSpan soak) => Encoding.UTF8.GetBytes(
        $$"""
        {"apiVersion":"damon.dev/v1alpha1","kind":"DamonScheme","metadata":{"name":"{{NameOf(number)}}"},
         "spec":{"mode":"{{mode}}","priority":{{100 + number}},
          "target":{"kind":"Pods","namespaceSelector":{"matchLabels":{"team":"team-{{number}}"} },"podSelector":{"matchExpressions":[{"key":"tier","operator":"NotIn","values":["database","cache"]}]},
           "qosClasses":["BestEffort","Burstable"]},
          "pattern":{"size":{"min":"4Ki"},"accessRate":{"max":"0%"},"age":{"min":"{{ageMinutes}}m"} },
          "action":{"type":"Pageout"},
          "quota":{"time":"10ms","size":"8Mi","interval":"1s","perPod":{"size":"4Mi"} },
          "watermarks":{"metric":"AvailableMemory","interval":"5s","high":"50%","mid":"40%","low":"5%"},
          "filters":[{"type":"Anonymous","matching":false,"allow":false}],
          "rollout":{"canary":{"percent":"1%","soak":"{{((int)soak.TotalSeconds).ToString(CultureInfo.InvariantCulture)}}s"},"steps":["25%","100%"],"maxConcurrentNodes":"10%"} } }
        """);

    /// <summary>The cluster's configuration.</summary>
    public static byte[] Config() => Encoding.UTF8.GetBytes("""{"apiVersion":"damon.dev/v1alpha1","kind":"DamonClusterConfig","metadata":{"name":"cluster"},"spec":{"mode":"Enforce"}}""");
}
