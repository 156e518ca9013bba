using System.Globalization;

namespace Damon.Api.Manifests;

/// <summary>Writes the path to a field: <c>spec.filters[2].type</c>.</summary>
internal static class FieldPath
{
    private const int MaxNameLength = 60;

    public static string Field(string parent, string name)
    {
        // A label's name holds points of its own: in brackets it stays one step.
        var step = name.AsSpan().IndexOfAny("./[] ") >= 0 ? $"[{Units.QuotedText.Of(name)}]" : Shorten(name);
        return parent.Length == 0 || step[0] == '[' ? parent + step : $"{parent}.{step}";
    }

    public static string Item(string parent, int index) => string.Create(CultureInfo.InvariantCulture, $"{parent}[{index}]");

    private static string Shorten(string name)
    {
        if (name.Length == 0)
            return "[\"\"]";
        return Units.QuotedText.OneLine(name, MaxNameLength);
    }
}
