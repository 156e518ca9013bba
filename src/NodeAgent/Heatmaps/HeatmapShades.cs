namespace Damon.NodeAgent.Heatmaps;

/// <summary>Draws access rates with ten plain characters.</summary>
public static class HeatmapShades
{
    /// <summary>From never accessed to accessed in every sample interval.</summary>
    public const string Shades = " .:-=+*#%@";

    /// <summary>Draws one row; a rate above zero never looks like none.</summary>
    /// <param name="rates">From 0 to 1.</param>
    public static string Draw(IReadOnlyList<double> rates)
    {
        ArgumentNullException.ThrowIfNull(rates);
        return string.Create(rates.Count, rates, static (line, rates) =>
        {
            for (var i = 0; i < line.Length; i++)
            {
                line[i] = rates[i] <= 0 ? Shades[0] : Shades[Math.Clamp((int)Math.Ceiling(rates[i] * 9), 1, 9)];
            }
        });
    }
}
