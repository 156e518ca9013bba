using Damon.Testing;

namespace Damon.Cli.Tests;

/// <summary>The repository's own files, as commands are given them.</summary>
internal static class RepositoryFiles
{
    public static string ReclaimCold => PathOf("deploy/samples/reclaim-cold.yaml");

    public static string PathOf(string path) => Path.Combine(TestPaths.RepositoryRoot, path);

    public static string Pattern(string name) => PathOf($"tools/workload/patterns/{name}.yaml");
}
