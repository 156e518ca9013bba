using System.Globalization;
using System.Text;

namespace Damon.NodeAgent.Heatmaps;

/// <summary>A pod's heatmap drawn with plain characters: time goes down, addresses go right.</summary>
internal static class PodHeatmapText
{
    public static string Write(PodHeatmap heatmap)
    {
        var text = new StringBuilder();
        Line($"{heatmap.Pod}, down = time, right = addresses without gaps");
        Line($"\"{HeatmapShades.Shades}\" = 0 % … 100 % of the sample intervals");
        foreach (var target in heatmap.Targets)
        {
            Line($"");
            Line($"{target.Container}, process {target.Target}: {target.RowDuration.TotalSeconds:0.###}s a row, {(double)target.BytesPerColumn / (1 << 20):0.###} MiB a column");
            for (var i = 0; i < target.Rows.Count; i++)
            {
                Line($"{(target.RowDuration * i).TotalSeconds,9:0.#}s |{HeatmapShades.Draw(target.Rows[i])}|");
            }
        }

        if (heatmap.OmittedTargets > 0)
        {
            Line($"");
            Line($"not recorded, because the pod has too many: {heatmap.OmittedTargets} processes");
        }

        return text.ToString();

        void Line(FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
    }
}
