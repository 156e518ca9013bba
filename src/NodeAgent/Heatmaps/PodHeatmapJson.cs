using System.Text.Json;

namespace Damon.NodeAgent.Heatmaps;

/// <summary>A pod's heatmap as one JSON document.</summary>
internal static class PodHeatmapJson
{
    public static void Write(Utf8JsonWriter json, PodHeatmap heatmap)
    {
        json.WriteStartObject();
        json.WriteString("namespace", heatmap.Pod.Namespace);
        json.WriteString("name", heatmap.Pod.Name);
        json.WriteString("takenAt", heatmap.TakenAt.UtcDateTime);
        json.WriteNumber("omittedTargets", heatmap.OmittedTargets);
        json.WriteStartArray("targets");
        foreach (var target in heatmap.Targets)
        {
            json.WriteStartObject();
            json.WriteNumber("target", target.Target);
            json.WriteString("container", target.Container);
            json.WriteNumber("secondsPerRow", target.RowDuration.TotalSeconds);
            json.WriteNumber("bytesPerColumn", target.BytesPerColumn);
            json.WriteStartArray("addresses");
            foreach (var range in target.Axis)
            {
                json.WriteStringValue(range.ToString());
            }

            json.WriteEndArray();
            json.WriteStartArray("rows");
            foreach (var row in target.Rows)
            {
                json.WriteStartArray();
                foreach (var rate in row)
                {
                    // A rate is from at most a few hundred samples: more digits say nothing.
                    json.WriteNumberValue(Math.Round(rate, 4));
                }

                json.WriteEndArray();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
