#pragma warning disable RS0030 // Looks for the repository, which is not of the host.

namespace Damon.Testing;

/// <summary>Finds the repository's files from a test.</summary>
public static class TestPaths
{
    private const string Marker = "Damon.slnx";

    /// <summary>
    /// The repository's root: the nearest folder above the test's binary that holds the solution. Not taken from source paths: a deterministic build
    /// replaces those.
    /// </summary>
    public static string RepositoryRoot { get; } = FindRoot(AppContext.BaseDirectory);

    private static string FindRoot(string from)
    {
        for (var folder = new DirectoryInfo(from); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, Marker)))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"There is no {Marker} above {from}: tests run from the repository they were built in.");
    }
}
