using System.CommandLine.Parsing;
using System.Globalization;
using Damon.Api.Units;

namespace Damon.Workload.Commands;

/// <summary>Reads the values of options; what is wrong with one becomes an error of the command line.</summary>
internal static class OptionText
{
    public static TimeSpan? Duration(ArgumentResult result)
    {
        var text = result.Tokens.Single().Value;
        if (!DurationValue.TryParse(text, out var duration, out var error))
            return Refuse<TimeSpan?>(result, error);
        return duration.IsZero ? Refuse<TimeSpan?>(result, $"'{text}' is no time at all") : duration.ToTimeSpan();
    }

    public static double? Rate(ArgumentResult result)
    {
        var text = result.Tokens.Single().Value;
        return TryPositive(text, out var rate) ? rate : Refuse<double?>(result, $"'{text}' is not a number of accesses per second above 0");
    }

    public static ulong Seed(ArgumentResult result)
    {
        var text = result.Tokens.Single().Value;
        return ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seed)
            ? seed
            : Refuse<ulong>(result, $"'{text}' is not a whole number from 0 to {ulong.MaxValue}");
    }

    /// <summary>A decimal number or a fraction: <c>0.25</c> or <c>1/4</c>.</summary>
    public static double Scale(ArgumentResult result)
    {
        var text = result.Tokens.Single().Value;
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var under = 1.0;
        if (TryPositive(slash < 0 ? text : text[..slash], out var over) && (slash < 0 || TryPositive(text[(slash + 1)..], out under)))
            return over / under;
        return Refuse<double>(result, $"'{text}' is not a factor above 0 such as 1/4 or 0.25");
    }

    private static bool TryPositive(string text, out double value) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value) && value > 0 && double.IsFinite(value);

    private static T? Refuse<T>(ArgumentResult result, string reason)
    {
        result.AddError($"{(result.Parent as OptionResult)?.Option.Name}: {reason}");
        return default;
    }
}
