using System.Diagnostics.CodeAnalysis;

namespace Damon.Testing.ControlPlane.Programs;

/// <summary>A program of this repository, built with the same configuration as whoever runs this.</summary>
public static class BuiltProgram
{
    /// <summary>Its file.</summary>
    /// <param name="project">The project's name.</param>
    /// <param name="assembly">The assembly's.</param>
    /// <exception cref="InvalidOperationException">It was not built.</exception>
    [SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "A file of the build's own artifacts.")]
    public static string PathOf(string project, string assembly)
    {
        // The artifacts layout: artifacts/bin/PROJECT/CONFIGURATION/.
        var own = AppContext.BaseDirectory.TrimEnd('/');
        var path = Path.GetFullPath(Path.Combine(own, "..", "..", project, Path.GetFileName(own), assembly + ".dll"));
        return File.Exists(path) ? path : throw new InvalidOperationException($"{path} is not there: build the solution ('make build').");
    }
}
