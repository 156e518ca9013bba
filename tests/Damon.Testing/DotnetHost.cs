using System.Runtime.InteropServices;

namespace Damon.Testing;

/// <summary>The <c>dotnet</c> that runs these tests, to start a built program with.</summary>
public static class DotnetHost
{
    /// <summary>Found from the runtime's folder, <c>host/shared/Microsoft.NETCore.App/version/</c>: PATH may name another, or none.</summary>
    public static string ProgramPath { get; } = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));
}
