using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Damon.Testing;

namespace Damon.Chart.Tests.Rendering;

/// <summary>What renders the chart: helm where there is one, and else tools/chart-render, which is built for it. Where neither can be had, tests are skipped with what is missing.</summary>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "Runs programs on the repository's own files.")]
internal static class ChartProgram
{
    public const string Namespace = "damon-system";
    public const string Release = "damon";

    /// <summary>So that nothing that is rendered is by chance.</summary>
    public const string Token = "token-of-the-tests-0123";

    /// <summary>Exit code of what cannot be built here.</summary>
    private const int NotHere = 69;

    private static readonly Lazy<(string? Program, string? WhyNot)> Found = new(Find);
    private static readonly ConcurrentDictionary<string, Lazy<(int ExitCode, string Output)>> Rendered = new(StringComparer.Ordinal);

    private static bool IsHelm => Path.GetFileName(Found.Value.Program) == "helm";

    /// <summary>Renders with flags of <c>helm template</c>, or skips the test.</summary>
    public static RenderedChart Render(params string[] flags)
    {
        var (exitCode, output) = TryRender(flags);
        exitCode.Should().Be(0, output);
        return RenderedChart.Parse(output);
    }

    /// <summary>Renders what may be refused.</summary>
    public static (int ExitCode, string Output) TryRender(params string[] flags)
    {
        var version = flags.Contains("--kube-version") ? [] : (string[])["--kube-version", "v1.32.0"];
        return RunOnce(Program(), ["template", Release, "charts/damon", "--namespace", Namespace, .. version, "--set", $"metrics.token={Token}", .. flags]);
    }

    /// <summary>What an installation prints, with what the chart has to say after it; nothing is installed. helm template prints no notes, and helm install asks no cluster only if it is told so.</summary>
    public static (int ExitCode, string Output) TryInstall(params string[] flags)
    {
        var program = Program();
        string[] how = IsHelm ? ["install", Release, "charts/damon", "--dry-run=client"] : ["template", Release, "charts/damon", "--kube-version", "v1.32.0", "--notes"];
        return RunOnce(program, [.. how, "--namespace", Namespace, "--set", $"metrics.token={Token}", .. flags]);
    }

    private static string Program()
    {
        if (Found.Value.Program is null)
            Assert.Skip(Found.Value.WhyNot!);
        return Found.Value.Program!;
    }

    private static (int ExitCode, string Output) RunOnce(string program, string[] arguments) => Rendered.GetOrAdd(string.Join('\0', arguments), _ => new(() => Run(program, arguments))).Value;

    private static (string? Program, string? WhyNot) Find()
    {
        var helm = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries).Select(folder => Path.Combine(folder, "helm")).FirstOrDefault(File.Exists);
        if (helm is not null)
            return (helm, null);
        var (exitCode, output) = Run(RepositoryFiles.PathOf("tools/chart-render/build"), []);
        if (exitCode == NotHere)
            return (null, output.Trim());
        exitCode.Should().Be(0, "tools/chart-render must build where what it needs is there: {0}", output);
        return (RepositoryFiles.PathOf("artifacts/chart-render"), null);
    }

    private static (int ExitCode, string Output) Run(string program, IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo(program) { WorkingDirectory = TestPaths.RepositoryRoot, UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, process.ExitCode == 0 ? output : output + errors.GetAwaiter().GetResult());
    }
}
