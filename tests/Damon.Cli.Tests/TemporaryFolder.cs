using System.Diagnostics.CodeAnalysis;

namespace Damon.Cli.Tests;

/// <summary>A folder for input files, gone when disposed.</summary>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "The files that a test gives to a command.")]
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("damon-cli-tests-").FullName;

    /// <summary>Writes a file and gives its path.</summary>
    public string Write(string name, string content)
    {
        var path = System.IO.Path.Combine(Path, name);
        File.WriteAllText(path, content);
        return path;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
