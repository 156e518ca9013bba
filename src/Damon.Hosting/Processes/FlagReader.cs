using Damon.Api.Units;

namespace Damon.Hosting.Processes;

/// <summary>Reads flags of the forms <c>--name value</c> and <c>--name=value</c>, each at most once.</summary>
public static class FlagReader
{
    /// <summary>Reads flags.</summary>
    /// <param name="args">As the process got them.</param>
    /// <param name="set">Takes a flag's name and value; returns what is wrong with it, or nothing.</param>
    /// <returns>What is wrong first; empty where nothing is.</returns>
    public static string Read(IReadOnlyList<string> args, Func<string, string, string> set)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < args.Count; i++)
        {
            var equals = args[i].IndexOf('=', StringComparison.Ordinal);
            var (name, value) = equals < 0 ? (args[i], null) : (args[i][..equals], args[i][(equals + 1)..]);
            if (!name.StartsWith("--", StringComparison.Ordinal))
            {
                return $"{QuotedText.Of(args[i])} is no flag; see --help";
            }

            if (value is null && ++i < args.Count)
            {
                value = args[i];
            }

            if (string.IsNullOrEmpty(value))
            {
                return $"{name} needs a value; see --help";
            }

            if (!seen.Add(name))
            {
                return $"{name} is given twice";
            }

            if (set(name, value) is { Length: > 0 } wrong)
            {
                return wrong;
            }
        }

        return "";
    }
}
