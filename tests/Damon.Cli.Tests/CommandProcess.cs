using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Damon.Testing;

namespace Damon.Cli.Tests;

/// <summary>The built command as a process of its own, for what only a process has: standard input and a shell.</summary>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "The one place where these tests start the command they are about.")]
internal static class CommandProcess
{
    /// <summary>The built command.</summary>
    public static string Assembly => Path.Combine(AppContext.BaseDirectory, "damonctl.dll");

    public static Task<CliRun> RunAsync(ReadOnlyMemory<byte> input, params string[] arguments) => StartAsync(DotnetHost.ProgramPath, input, [Assembly, .. arguments]);

    /// <summary>Runs a program to its end.</summary>
    public static async Task<CliRun> StartAsync(string program, ReadOnlyMemory<byte> input, params string[] arguments)
    {
        var start = new ProcessStartInfo(program) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        var cancellation = TestContext.Current.CancellationToken;
        using var process = Process.Start(start)!;
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancellation);
            var error = process.StandardError.ReadToEndAsync(cancellation);
            await process.StandardInput.BaseStream.WriteAsync(input, cancellation);
            process.StandardInput.Close();
            await process.WaitForExitAsync(cancellation);
            return new CliRun(process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }
}
