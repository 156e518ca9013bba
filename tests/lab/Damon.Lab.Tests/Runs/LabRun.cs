using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Damon.Lab.Guest.Running;
using Damon.Lab.Tests.Kernels;
using Damon.Testing;

namespace Damon.Lab.Tests.Runs;

/// <summary>One boot of one kernel with all its tests.</summary>
/// <param name="SkipReason">Why it was not booted; nothing where it was.</param>
/// <param name="Report">What it brought back.</param>
/// <param name="Errors">What <c>boot</c> said: the console's last lines, where the machine died.</param>
/// <param name="Seconds">How long it took.</param>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "Starts the lab's own programs.")]
internal sealed record LabRun(string? SkipReason, LabReport Report, string Errors, double Seconds)
{
    /// <summary>What <c>fetch</c> and <c>boot</c> exit with where something cannot be had here.</summary>
    private const int Unavailable = 69;

    private static readonly LabReport Nothing = LabReport.Parse([]);

    /// <summary>Boots a kernel and waits until it is through.</summary>
    public static async Task<LabRun> StartAsync(KernelPin kernel, LabSet set, CancellationToken cancellation)
    {
        // First and apart, so that a mirror out of reach is told from a machine that died.
        var (code, _, errors) = await RunAsync("tests/lab/fetch", [kernel.Name], logFile: null, cancellation);
        if (code == Unavailable)
            return new LabRun(errors.Trim(), Nothing, "", 0);
        if (code != 0)
            throw new InvalidOperationException($"fetch {kernel.Name} failed: {errors}");
        if (!Directory.Exists(LabSettings.GuestFolder))
            return new LabRun("there are no programs for the inside: tests/lab/publish makes them, and make lab begins with it", Nothing, "", 0);

        var start = TimeProvider.System.GetTimestamp();
        var seconds = set == LabSet.Smoke ? "900" : "5400";
        string[] inside = ["/lab/bin/damon-lab-guest", "run", "--set", set.ToString(), "--kernel", kernel.Name, "--release", LabSettings.ReleaseOf(kernel), "--has", string.Join(' ', kernel.Has)];
        var log = Path.Combine(LabSettings.LogFolder, kernel.Name);
        string[] outside = ["-k", kernel.Name, "-t", seconds, "-x", LabSettings.GuestFolder, "-c", $"{log}.console"];
        var (_, lines, said) = await RunAsync("tests/lab/boot", [.. outside, "--", .. inside], $"{log}.log", cancellation);
        var run = new LabRun(SkipReason: null, LabReport.Parse(lines), said, TimeProvider.System.GetElapsedTime(start).TotalSeconds);
        await File.AppendAllTextAsync(Path.Combine(LabSettings.LogFolder, "times"), $"{kernel.Name} took {run.Seconds:F1} s for {run.Report.Results.Count} tests\n", cancellation);
        return run;
    }

    /// <summary>Holds one test's result against what it should be.</summary>
    public void Check(string test)
    {
        if (SkipReason is not null)
            Assert.Skip(SkipReason);
        if (!Report.Results.TryGetValue(test, out var result))
        {
            var when = Report.Running == test ? "The machine died, or was stopped, while it ran." : Report.Running.Length > 0 ? $"The machine died, or was stopped, in {Report.Running}." : "It was not started.";
            Assert.Fail($"No result. {when}\n{Errors}\n{string.Join('\n', Report.Other)}");
        }

        if (result.Kind == LabEventKind.Skipped)
            Assert.Skip(result.Message);
        if (result.Kind == LabEventKind.Failed)
            Assert.Fail(result.Message);
    }

    private static async Task<(int Code, IReadOnlyList<string> Lines, string Errors)> RunAsync(string program, IReadOnlyList<string> arguments, string? logFile, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(RepositoryFiles.PathOf(program), arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        using var process = Process.Start(start)!;
        // Killed together with what it started: a machine does not outlive the tests.
        await using var stop = cancellation.Register(() => process.Kill(entireProcessTree: true));
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        var lines = new List<string>();
        // Written as it comes: whoever waits for a long run can watch it.
        await using var log = logFile is null ? null : new StreamWriter(logFile) { AutoFlush = true };
        while (await process.StandardOutput.ReadLineAsync(CancellationToken.None) is { } line)
        {
            lines.Add(line);
            log?.WriteLine(line);
        }

        await process.WaitForExitAsync(CancellationToken.None);
        return (process.ExitCode, lines, await errors);
    }
}
