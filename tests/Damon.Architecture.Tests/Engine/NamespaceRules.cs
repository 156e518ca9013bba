using System.Text.RegularExpressions;

namespace Damon.Architecture.Tests.Engine;

/// <summary>
/// Which part of the engine may use which. The core (regions, schemes, monitoring) touches no host, so that it runs on simulated memory; the host's parts
/// reach files through Host alone, and of Interop use calls and numbers, never the reverse.
/// </summary>
internal static partial class NamespaceRules
{
    private const string Root = "src/Damon.Engine/";

    private static readonly Dictionary<string, string[]> MayUse = new(StringComparer.Ordinal)
    {
        ["Interop"] = [],
        ["Host"] = ["Interop"],
        ["Regions"] = [],
        ["Schemes"] = [],
        ["Monitoring"] = ["Regions", "Schemes"],
        ["Simulation"] = ["Monitoring", "Regions", "Schemes"],
        ["Recordings"] = ["Monitoring", "Regions", "Schemes"],
        ["Probes"] = ["Interop", "Host", "Monitoring", "Regions", "Schemes"],
        ["Actions"] = ["Interop", "Host", "Monitoring", "Regions", "Schemes"],
        // These two know each other: what a machine has includes whose its DAMON is, and who may take it depends on the kernel and its modules.
        ["KernelDamon"] = ["Host", "Machine", "Monitoring", "Probes", "Regions", "Schemes"],
        ["Machine"] = ["Interop", "Host", "KernelDamon", "Monitoring", "Regions", "Schemes"],
    };

    /// <summary>What a file of the engine uses and may not, and a part of the engine that is in no row.</summary>
    public static IReadOnlyList<string> Violations(SourceFile file)
    {
        if (!file.Path.StartsWith(Root, StringComparison.Ordinal))
            return [];

        var segments = file.Path[Root.Length..].Split('/');
        if (segments.Length == 1)
            return [$"{file.Path} lies in no part of the engine"];

        var part = segments[0];
        if (!MayUse.TryGetValue(part, out var allowed))
            return [$"{file.Path}: the part {part} is not in the table"];

        var violations = EnginePart().Matches(file.Code)
            .Select(match => match.Groups["part"].Value)
            .Where(used => used != part && !allowed.Contains(used, StringComparer.Ordinal))
            .Distinct(StringComparer.Ordinal)
            .Select(used => $"{file.Path}: {part} may not use {used}")
            .ToList();
        var declared = DeclaredNamespace().Match(file.Code).Groups["name"].Value;
        if (declared != $"Damon.Engine.{part}" && !declared.StartsWith($"Damon.Engine.{part}.", StringComparison.Ordinal))
            violations.Add($"{file.Path} declares the namespace '{declared}'");
        return violations;
    }

    [GeneratedRegex(@"\bDamon\.Engine\.(?<part>\w+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex EnginePart();

    [GeneratedRegex(@"^\s*namespace\s+(?<name>[\w.]+)\s*;", RegexOptions.ExplicitCapture | RegexOptions.Multiline, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex DeclaredNamespace();
}
