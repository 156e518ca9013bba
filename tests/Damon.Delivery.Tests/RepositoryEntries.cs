using System.Diagnostics.CodeAnalysis;
using Damon.Testing;

namespace Damon.Delivery.Tests;

/// <summary>What there is in the repository.</summary>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "These tests are about the repository's own files.")]
internal static class RepositoryEntries
{
    /// <summary>Whether there is such a file or folder.</summary>
    /// <param name="path">From the root.</param>
    public static bool Has(string path) => Path.Exists(RepositoryFiles.PathOf(path));
}
