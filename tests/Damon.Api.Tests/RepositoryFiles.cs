using Damon.Testing;

namespace Damon.Api.Tests;

/// <summary>The repository's own files, which are what these tests are about.</summary>
internal static class RepositoryFiles
{
#pragma warning disable RS0030 // Files of the repository, not of the host.
    public static byte[] Bytes(string path) => File.ReadAllBytes(Path.Combine(TestPaths.RepositoryRoot, path));

    public static string Text(string path) => File.ReadAllText(Path.Combine(TestPaths.RepositoryRoot, path));

    /// <summary>Names of the files in a folder, sorted.</summary>
    public static IReadOnlyList<string> Names(string folder, string except = "\0") =>
        [.. Directory.GetFiles(Path.Combine(TestPaths.RepositoryRoot, folder)).Select(file => Path.GetFileName(file)).Where(name => !name.EndsWith(except, StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
#pragma warning restore RS0030
}
