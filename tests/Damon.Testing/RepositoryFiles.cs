#pragma warning disable RS0030 // Files of the repository, not of the host.

namespace Damon.Testing;

/// <summary>The repository's own files, for tests that are about them; paths are from the repository's root.</summary>
public static class RepositoryFiles
{
    public static string ReclaimCold => PathOf("deploy/samples/reclaim-cold.yaml");

    public static string PathOf(string path) => Path.Combine(TestPaths.RepositoryRoot, path);

    public static string Pattern(string name) => PathOf($"tools/workload/patterns/{name}.yaml");

    public static byte[] Bytes(string path) => File.ReadAllBytes(PathOf(path));

    public static string Text(string path) => File.ReadAllText(PathOf(path));

    /// <summary>Names of the files in a folder, sorted.</summary>
    public static IReadOnlyList<string> Names(string folder, string except = "\0") =>
        [.. Directory.GetFiles(PathOf(folder)).Select(file => Path.GetFileName(file)).Where(name => !name.EndsWith(except, StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
}
