using System.Text.RegularExpressions;

namespace Damon.Delivery.Tests.Workflows;

/// <summary>What hosted workflows may do: call what a person calls, and nothing that may change under them.</summary>
internal static partial class WorkflowRules
{
    /// <param name="text">A workflow.</param>
    /// <param name="makefile">The Makefile.</param>
    /// <param name="hasFile">Whether the repository has a file.</param>
    public static IReadOnlyList<string> Violations(string text, string makefile, Func<string, bool> hasFile)
    {
        var violations = new List<string>();
        var targets = Target().Matches(makefile).Select(match => match.Groups["name"].Value).ToHashSet(StringComparer.Ordinal);
        violations.AddRange(Made(text).Where(target => !targets.Contains(target)).Select(target => $"'make {target}' is no target of the Makefile"));
        violations.AddRange(Uses().Matches(text).Select(match => match.Groups["action"].Value).Where(action => !Pinned().IsMatch(action))
            .Select(action => $"the action {action} is not pinned: write its full version or its commit"));
        violations.AddRange(Script().Matches(text).Select(match => match.Groups["path"].Value).Where(path => !hasFile(path)).Select(path => $"{path} is not in the repository"));
        if (!Permissions().IsMatch(text))
            violations.Add("the workflow has whatever rights the repository's settings give: write permissions at its top");
        if (text.Contains("pull_request_target", StringComparison.Ordinal))
            violations.Add("pull_request_target runs foreign code with our rights");
        return violations;
    }

    /// <summary>The targets that a workflow makes.</summary>
    public static IReadOnlyList<string> Made(string text) => [.. Make().Matches(text).Select(match => match.Groups["target"].Value)];

    [GeneratedRegex(@"^(?<name>[a-z0-9-]+):", RegexOptions.ExplicitCapture | RegexOptions.Multiline, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Target();

    [GeneratedRegex(@"(^|[\s;&|])make (?<target>[a-z0-9-]+)", RegexOptions.ExplicitCapture | RegexOptions.Multiline, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Make();

    [GeneratedRegex(@"uses:\s*(?<action>\S+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Uses();

    [GeneratedRegex(@"@(v\d+\.\d+\.\d+|[0-9a-f]{40})$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Pinned();

    [GeneratedRegex(@"(?<![\w./-])(?<path>(eng|deploy|tests|charts)/[\w./-]+[\w-])", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Script();

    [GeneratedRegex(@"^permissions:", RegexOptions.ExplicitCapture | RegexOptions.Multiline, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Permissions();
}
