using System.Diagnostics.CodeAnalysis;
using Damon.Testing;

namespace Damon.NodeAgent.Tests;

/// <summary>Output that is compared to a committed file, to the byte. With the variable set, the files are written anew and the run fails.</summary>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "The golden files stand beside the tests.")]
internal static class GoldenFile
{
    public const string RefreshVariable = "DAMON_REFRESH_GOLDEN";

    public static void Compare(string name, string actual)
    {
        var path = RepositoryFiles.PathOf($"tests/Damon.NodeAgent.Tests/Golden/{name}");
        if (Environment.GetEnvironmentVariable(RefreshVariable) == "1")
        {
            File.WriteAllText(path, actual);
            Assert.Fail($"{path} was written anew; look at the difference, then run without {RefreshVariable}.");
        }

        actual.Should().Be(File.ReadAllText(path), "that is what {0} says; if the change is meant, run the tests once with {1}=1", path, RefreshVariable);
    }
}
