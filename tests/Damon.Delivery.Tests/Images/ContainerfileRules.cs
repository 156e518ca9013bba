using System.Text.RegularExpressions;

namespace Damon.Delivery.Tests.Images;

/// <summary>How an image is described: on which base, as whom it runs, how it starts.</summary>
internal static partial class ContainerfileRules
{
    /// <param name="text">A Containerfile.</param>
    public static IReadOnlyList<string> Violations(string text)
    {
        var violations = new List<string>();
        var lines = text.Replace("\\\n", " ", StringComparison.Ordinal).Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#').ToList();
        var arguments = lines.Where(line => line.StartsWith("ARG ", StringComparison.Ordinal)).Select(line => line[4..].Trim()).ToList();
        var stages = new HashSet<string>(StringComparer.Ordinal);
        foreach (var line in lines.Where(line => line.StartsWith("FROM ", StringComparison.Ordinal)))
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var isPinned = words[1] == "scratch"
                || stages.Contains(words[1])
                || Digest().IsMatch(words[1])
                || (Argument().Match(words[1]) is { Success: true } argument && arguments.Contains(argument.Groups["name"].Value, StringComparer.Ordinal));
            if (!isPinned)
                violations.Add($"'{line}' is not pinned: a digest, or an argument without a default that the build gives one");
            if (words.Length == 4)
                stages.Add(words[3]);
        }

        var last = lines[lines.FindLastIndex(line => line.StartsWith("FROM ", StringComparison.Ordinal))..];
        if (!last.Exists(line => User().IsMatch(line)))
            violations.Add("the image names no user by number: a cluster cannot tell who 'app' is");
        if (!last.Exists(line => line.StartsWith("ENTRYPOINT [", StringComparison.Ordinal)))
            violations.Add("the program is started by a shell, which is not there, or not at all");
        if (last.Exists(line => line.StartsWith("RUN ", StringComparison.Ordinal)))
            violations.Add("something runs in the last stage, whose base has no shell");
        return violations;
    }

    [GeneratedRegex(@"@sha256:[0-9a-f]{64}$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Digest();

    [GeneratedRegex(@"^\$\{(?<name>[A-Z_]+)\}$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Argument();

    [GeneratedRegex(@"^USER \d+:\d+$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex User();
}
