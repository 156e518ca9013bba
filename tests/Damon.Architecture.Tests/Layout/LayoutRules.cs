using System.Text.RegularExpressions;

namespace Damon.Architecture.Tests.Layout;

/// <summary>Where files lie and what they are called: a reader finds a type by its name, and no drawer is open for whatever fits nowhere.</summary>
internal static partial class LayoutRules
{
    private const int DeepestFolder = 3;

    private static readonly string[] DrawerNames = ["Util", "Utils", "Utility", "Utilities", "Helper", "Helpers", "Manager", "Managers", "Common", "Misc"];

    /// <param name="file">A source file.</param>
    /// <param name="projectFolder">The folder of the project it belongs to.</param>
    public static IReadOnlyList<string> Violations(SourceFile file, string projectFolder)
    {
        var violations = new List<string>();
        var segments = file.Path[(projectFolder.Length + 1)..].Split('/');
        if (segments.Length - 1 > DeepestFolder)
            violations.Add($"{file.Path} lies {segments.Length - 1} folders below its project");

        var drawers = segments[..^1].Where(segment => DrawerNames.Contains(segment, StringComparer.OrdinalIgnoreCase))
            .Concat(DrawerNames.Where(name => file.Stem.EndsWith(name, StringComparison.Ordinal)));
        violations.AddRange(drawers.Distinct(StringComparer.Ordinal).Select(name => $"{file.Path} is named {name}"));
        return violations;
    }

    /// <summary>A file of the product has at most one public type, named as the file; a generic type may stand beside its namesake.</summary>
    public static IReadOnlyList<string> PublicTypeViolations(SourceFile file)
    {
        var names = PublicType().Matches(file.Code).Select(match => match.Groups["name"].Value).Distinct(StringComparer.Ordinal).ToList();
        if (names.Count > 1)
            return [$"{file.Path} has the public types {string.Join(", ", names)}"];
        return names.Count == 1 && names[0] != file.Stem ? [$"{file.Path} has the public type {names[0]}"] : [];
    }

    /// <summary>With file-scoped namespaces a type that is not nested begins its line.</summary>
    [GeneratedRegex(
        @"^public\s+(?:(?:static|sealed|abstract|readonly|ref|partial|unsafe|file)\s+)*(?:class|struct|interface|enum|record(?:\s+(?:struct|class))?|delegate\s+[\w<>,.?\[\]\s]+?)\s+(?<name>\w+)",
        RegexOptions.ExplicitCapture | RegexOptions.Multiline,
        matchTimeoutMilliseconds: 10_000)]
    private static partial Regex PublicType();
}
