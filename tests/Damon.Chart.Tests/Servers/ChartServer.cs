using Damon.Chart.Tests.Rendering;
using Damon.Kubernetes.Requests;
using Damon.Testing.ControlPlane.Servers;

namespace Damon.Chart.Tests.Servers;

/// <summary>A real control plane that is given what the chart renders.</summary>
internal sealed class ChartServer : IAsyncDisposable
{
    /// <summary>From which version of Kubernetes on a server has a kind.</summary>
    private static readonly Dictionary<string, int> Since = new(StringComparer.Ordinal) { ["PodDisruptionBudget"] = 21, ["ValidatingAdmissionPolicy"] = 30, ["ValidatingAdmissionPolicyBinding"] = 30 };

    /// <summary>The same of fields.</summary>
    private static readonly Dictionary<string, int> FieldsSince = new(StringComparer.Ordinal) { ["appArmorProfile"] = 30 };

    /// <summary>Kinds of others.</summary>
    private static readonly string[] OfOthers = ["ServiceMonitor", "PodMonitor", "PrometheusRule"];

    private static int _tests;

    /// <summary>The account of the job that runs before an uninstallation.</summary>
    public static TestUser Uninstaller { get; } = TestUser.ServiceAccount(ChartProgram.Namespace, "damon-uninstall");

    private ChartServer(DamonControlPlane plane, int minor) => (Plane, Minor) = (plane, minor);

    public DamonControlPlane Plane { get; }

    /// <summary>The second part of its version.</summary>
    public int Minor { get; }

    public ApiClient Client => Plane.Client;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Starts one, or skips the test where that is not possible.</summary>
    /// <param name="minMinor">The oldest version that the test is for.</param>
    /// <param name="why">What an older one lacks.</param>
    public static async Task<ChartServer> StartAsync(int minMinor = 0, string why = "")
    {
        if (ControlPlaneAssets.WhyNot(ControlPlaneAssets.KubeApiServer) is { } reason)
            Assert.Skip(reason);
        var plane = new DamonControlPlane(new KubeApiServerOptions { Flags = ["--allow-privileged=true"], Users = [Uninstaller] }, wantsRules: true);
        try
        {
            if (await plane.StartAsync(Cancellation, installs: false) is { } lacking)
                Assert.Skip(lacking);
            var minor = await plane.Server.MinorVersionAsync(Cancellation);
            if (minor < minMinor)
                Assert.Skip($"The API server is Kubernetes 1.{minor}: {why} (1.{minMinor}).");
            TierReport.Served("chart", Interlocked.Increment(ref _tests));
            return new(plane, minor);
        }
        catch
        {
            plane.Dispose();
            throw;
        }
    }

    /// <summary>Gives it what was rendered, definitions first.</summary>
    /// <param name="chart">What.</param>
    /// <param name="ns">The release's namespace, which is made.</param>
    /// <returns>What it refused, and kinds and fields that it was not asked for because it is too old, or has none of others.</returns>
    public async Task<(IReadOnlyList<string> Refused, IReadOnlyList<string> Skipped)> ApplyAsync(RenderedChart chart, string ns)
    {
        List<string> refused = [.. await Manifests.ApplyAsync(Client, $"apiVersion: v1\nkind: Namespace\nmetadata: {{name: {ns}}}\n", Cancellation)];
        List<string> skipped = [];
        foreach (var one in chart.Objects.OrderBy(one => one.Kind == "CustomResourceDefinition" ? 0 : 1))
        {
            if (OfOthers.Contains(one.Kind) || Since.GetValueOrDefault(one.Kind) > Minor)
                skipped.Add(one.Kind);
            else
                refused.AddRange(await Manifests.ApplyAsync(one.Kind == "CustomResourceDefinition" ? Plane.DefinitionsServer.Client : Client, WithoutNewFields(one, skipped), Cancellation));
        }

        return (refused, skipped);
    }

    private string WithoutNewFields(RenderedObject one, List<string> skipped)
    {
        string[] fields = [.. FieldsSince.Where(field => field.Value > Minor && one.Text.Contains($"{field.Key}:", StringComparison.Ordinal)).Select(field => field.Key)];
        if (fields.Length == 0)
            return one.Text;
        skipped.AddRange(fields);
        return Manifests.Without(one.Text, fields);
    }

    public ValueTask DisposeAsync()
    {
        Plane.Dispose();
        return ValueTask.CompletedTask;
    }
}
