using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Damon.Testing;

namespace Damon.Delivery.Tests;

/// <summary>A script of the repository that ran to its end.</summary>
/// <param name="ExitCode">0 is well; 69 is that this machine lacks something that it needs.</param>
/// <param name="Output">What it said on both streams.</param>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "The one place where these tests start the scripts they are about.")]
internal sealed record ScriptRun(int ExitCode, string Output)
{
    /// <summary>The exit code of "not on this machine".</summary>
    public const int Unavailable = 69;

    /// <summary>Runs bash in the repository's root.</summary>
    /// <param name="environment">Variables that it gets in place of this process's.</param>
    /// <param name="arguments">What bash gets: a script, from the root, and its arguments.</param>
    public static async Task<ScriptRun> OfAsync(IReadOnlyDictionary<string, string?> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo("bash")
        {
            WorkingDirectory = TestPaths.RepositoryRoot,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;

        var cancellation = TestContext.Current.CancellationToken;
        using var process = Process.Start(start)!;
        try
        {
            process.StandardInput.Close();
            var output = process.StandardOutput.ReadToEndAsync(cancellation);
            var error = process.StandardError.ReadToEndAsync(cancellation);
            await process.WaitForExitAsync(cancellation);
            return new ScriptRun(process.ExitCode, await output + await error);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }
}
