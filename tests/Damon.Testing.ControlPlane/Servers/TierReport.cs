using System.Diagnostics.CodeAnalysis;

namespace Damon.Testing.ControlPlane.Servers;

/// <summary>Says what of the control-plane tier was run, in files of the build's artifacts, which continuous integration prints at its end: a tier that was left out is then seen.</summary>
public static class TierReport
{
    /// <summary>Writes how many tests something served; nothing where it served none.</summary>
    /// <param name="name">The file's name.</param>
    /// <param name="tests">How many.</param>
    [SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "A file of the build's own artifacts.")]
    public static void Served(string name, int tests)
    {
        if (tests == 0)
            return;
        var folder = Directory.CreateDirectory(Path.Combine(TestPaths.RepositoryRoot, "artifacts", "control-plane"));
        File.WriteAllText(Path.Combine(folder.FullName, name), $"{name}: {tests} tests\n");
    }
}
