using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Damon.Testing.ControlPlane.Servers;

namespace Damon.Testing.ControlPlane.Programs;

/// <summary>kubectl, where there is one: beside the servers or on PATH.</summary>
/// <param name="kubeconfig">How it reaches the server.</param>
/// <param name="home">A folder for what it keeps.</param>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "A child of the test.")]
public sealed class Kubectl(string kubeconfig, string home)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Why there is none, or null.</summary>
    public static string? WhyNot => ControlPlaneAssets.Kubectl is null ? "There is no kubectl, neither in KUBEBUILDER_ASSETS nor on PATH." : null;

    /// <summary>Runs a command.</summary>
    /// <returns>Its exit code and all that it printed.</returns>
    public async Task<(int ExitCode, string Output)> RunAsync(CancellationToken cancellation, params string[] arguments)
    {
        var start = new ProcessStartInfo(ControlPlaneAssets.Kubectl ?? throw new InvalidOperationException(WhyNot)) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])["--kubeconfig", kubeconfig, .. arguments])
            start.ArgumentList.Add(argument);
        start.Environment["HOME"] = home;
        using var kubectl = Process.Start(start)!;
        var (output, errors) = (kubectl.StandardOutput.ReadToEndAsync(cancellation), kubectl.StandardError.ReadToEndAsync(cancellation));
        using var patience = new CancellationTokenSource(Patience, TimeProvider.System);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellation);
        try
        {
            await kubectl.WaitForExitAsync(linked.Token);
        }
        catch (OperationCanceledException)
        {
            kubectl.Kill();
            throw;
        }

        return (kubectl.ExitCode, await output + await errors);
    }
}
