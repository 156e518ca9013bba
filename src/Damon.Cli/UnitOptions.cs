using System.CommandLine;
using Damon.Api.Schemes;
using Damon.Api.Units;

namespace Damon.Cli;

/// <summary>Options whose values have a unit, checked like the same values in a file.</summary>
internal static class UnitOptions
{
    public static Option<TimeSpan?> Duration(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "DURATION",
        CustomParser = result =>
        {
            if (DurationValue.TryParse(result.Tokens[^1].Value, out var value, out var error))
            {
                return value.ToTimeSpan();
            }

            result.AddError($"{name}: {error}");
            return null;
        },
    };

    public static Option<ulong?> Bytes(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "SIZE",
        CustomParser = result =>
        {
            if (Quantity.TryParse(result.Tokens[^1].Value, out var value, out var error))
            {
                return value.Bytes;
            }

            result.AddError($"{name}: {error}");
            return null;
        },
    };

    public static Option<double?> Share(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "PERCENT",
        CustomParser = result =>
        {
            if (Percent.TryParse(result.Tokens[^1].Value, out var value, out var error))
            {
                return value.Share;
            }

            result.AddError($"{name}: {error}");
            return null;
        },
    };

    public static Option<SchemeMode?> Mode()
    {
        var option = new Option<SchemeMode?>("--mode")
        {
            Description = "Observe or Enforce, for every scheme, in place of its own mode.",
            HelpName = "Observe|Enforce",
            CustomParser = result =>
            {
                var text = result.Tokens[^1].Value;
                if (Enum.TryParse<SchemeMode>(text, ignoreCase: true, out var mode) && Enum.IsDefined(mode) && !char.IsAsciiDigit(text[0]))
                {
                    return mode;
                }

                result.AddError($"--mode: \"{text}\" is not a mode; write Observe or Enforce");
                return null;
            },
        };
        option.CompletionSources.Add("Observe", "Enforce");
        return option;
    }
}
