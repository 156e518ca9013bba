using System.Runtime.CompilerServices;

namespace Damon.Testing;

/// <summary>Finds the repository's files from a test, wherever its binary was built to.</summary>
public static class TestPaths
{
    /// <summary>The repository's root: two folders above this source file.</summary>
    public static string RepositoryRoot { get; } = FindRoot();

    private static string FindRoot([CallerFilePath] string thisFile = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "..", ".."));
}
