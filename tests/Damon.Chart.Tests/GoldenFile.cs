using System.Diagnostics.CodeAnalysis;
using Damon.Testing;

namespace Damon.Chart.Tests;

/// <summary>What is compared to a committed file, to the byte.</summary>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "The repository's own files.")]
internal static class GoldenFile
{
    public const string RefreshVariable = "DAMON_REFRESH_GOLDEN";

    public static void Compare(string path, string actual)
    {
        var file = RepositoryFiles.PathOf(path);
        if (Environment.GetEnvironmentVariable(RefreshVariable) == "1")
        {
            File.WriteAllText(file, actual);
            return;
        }

        actual.Should().Be(File.ReadAllText(file), "that is what {0} says; if the change is meant, run make chart-refresh and look at the difference", path);
    }
}
