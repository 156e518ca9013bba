using System.Runtime.InteropServices;
using Damon.Engine.Host;

namespace Damon.Demo.Children;

/// <summary>
/// The other programs of this repository, as the build puts them beside this one: <c>artifacts/bin/PROJECT/CONFIGURATION/NAME.dll</c>.
/// </summary>
internal sealed class BuiltPrograms
{
    private readonly string _binaries;
    private readonly string _configuration;

    /// <param name="baseDirectory">The folder of this program's own binaries.</param>
    public BuiltPrograms(string baseDirectory)
    {
        var own = Path.TrimEndingDirectorySeparator(Path.GetFullPath(baseDirectory));
        _configuration = Path.GetFileName(own);
        _binaries = Path.GetFullPath(Path.Combine(own, "..", ".."));
        RepositoryRoot = Path.GetFullPath(Path.Combine(_binaries, "..", ".."));
    }

    public string RepositoryRoot { get; }

    public string Workload => Path.Combine(_binaries, "Damon.Workload", _configuration, "damon-workload.dll");

    public string Damonctl => Path.Combine(_binaries, "Damon.Cli", _configuration, "damonctl.dll");

    /// <summary>The host of the runtime this process runs on, found from <c>host/shared/Microsoft.NETCore.App/version/</c>: PATH may name another, or none.</summary>
    public static string DotnetHost => Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));

    /// <summary>The first file the demonstration needs that is not there; nothing where all are.</summary>
    public string? Missing(HostRoot host, params IReadOnlyList<string> repositoryFiles) =>
        ((string[])[DotnetHost, Workload, Damonctl, .. repositoryFiles.Select(file => Path.Combine(RepositoryRoot, file))]).FirstOrDefault(path => !host.Identify(path).IsOk);

    /// <summary>Starts one of them in the repository's root, so that paths in its arguments can be read there.</summary>
    public ChildProcess Start(string program, IReadOnlyList<string> arguments, TimeProvider time, IReadOnlyDictionary<string, string>? environment = null) =>
        ChildProcess.Start(DotnetHost, [program, .. arguments], RepositoryRoot, time, environment);
}
