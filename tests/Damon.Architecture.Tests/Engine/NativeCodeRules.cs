using System.Text.RegularExpressions;

namespace Damon.Architecture.Tests.Engine;

/// <summary>Raw pointers and calls into the C library live in one folder of the product, where a review can see all of them.</summary>
internal static partial class NativeCodeRules
{
    public static IReadOnlyList<string> Violations(SourceFile file)
    {
        if (!file.Path.StartsWith("src/", StringComparison.Ordinal) || file.Path.StartsWith("src/Damon.Engine/Interop/", StringComparison.Ordinal))
            return [];
        return [.. NativeCode().Matches(file.Code).Select(match => match.Value).Distinct(StringComparer.Ordinal).Select(word => $"{file.Path} contains {word}")];
    }

    [GeneratedRegex(@"\bunsafe\b|\bDllImport\b|\bLibraryImport\b|\bTmds\.Linux\b", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex NativeCode();
}
