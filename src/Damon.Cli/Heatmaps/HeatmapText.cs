using Damon.NodeAgent.Heatmaps;

namespace Damon.Cli.Heatmaps;

/// <summary>Draws a heatmap with ten shades of plain characters: time goes down, addresses go right.</summary>
internal static class HeatmapText
{
    public static void Write(TextWriter to, Heatmap heatmap, TimeSpan aggregation)
    {
        if (heatmap.Rows.Count == 0)
        {
            to.WriteLine("heatmap: no aggregation was completed");
            return;
        }

        var perRow = aggregation * heatmap.AggregationsPerRow;
        to.WriteLine($"heatmap: down = time ({Format.Duration(perRow)} a row), right = addresses without gaps ({Format.Bytes(heatmap.BytesPerColumn)} a column)");
        to.WriteLine($"         \"{HeatmapShades.Shades}\" = 0 % … 100 % of the sample intervals");
        for (var i = 0; i < heatmap.Rows.Count; i++)
        {
            var time = Format.Duration(perRow * i).PadLeft(8);
            to.WriteLine($"{time} |{HeatmapShades.Draw(heatmap.Rows[i])}|");
        }
    }
}
