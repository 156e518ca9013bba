using System.Diagnostics.CodeAnalysis;
using Damon.Testing;

namespace Damon.Architecture.Tests;

/// <summary>The files of this repository that rules look at.</summary>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "These tests are about the repository's own files.")]
internal static class Repository
{
    private static readonly string[] NotOurs = ["artifacts", "bin", "obj", ".git"];

    /// <summary>The text of one file.</summary>
    /// <param name="path">From the root, with slashes.</param>
    public static string Read(string path) => File.ReadAllText(Path.Combine(TestPaths.RepositoryRoot, path));

    /// <summary>Whether there is such a file.</summary>
    public static bool Has(string path) => File.Exists(Path.Combine(TestPaths.RepositoryRoot, path));

    /// <summary>All project files.</summary>
    public static IReadOnlyList<ProjectFile> Projects() => [.. Files("", ".csproj").Select(path => ProjectFile.Parse(path, Read(path)))];

    /// <summary>The C# files below a folder.</summary>
    public static IReadOnlyList<SourceFile> Sources(string folder) => [.. Files(folder, ".cs").Select(path => new SourceFile(path, Read(path)))];

    private static IEnumerable<string> Files(string folder, string extension)
    {
        var root = Path.Combine(TestPaths.RepositoryRoot, folder);
        return Directory.Exists(root)
            ? Directory.EnumerateFiles(root, "*" + extension, SearchOption.AllDirectories)
                .Select(path => Path.GetRelativePath(TestPaths.RepositoryRoot, path).Replace('\\', '/'))
                .Where(path => !path.Split('/').Any(segment => NotOurs.Contains(segment)))
                .Order(StringComparer.Ordinal)
            : [];
    }
}
