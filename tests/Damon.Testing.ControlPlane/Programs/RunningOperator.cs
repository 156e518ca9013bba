using System.Text.Json;
using Damon.Testing.ControlPlane.Servers;

namespace Damon.Testing.ControlPlane.Programs;

/// <summary>The built <c>damon-operator</c> as a process of its own.</summary>
public sealed class RunningOperator : IDisposable
{
    private readonly HttpClient _pages = new() { Timeout = TimeSpan.FromSeconds(10) };

    /// <summary>Starts one.</summary>
    /// <param name="kubeconfig">How it reaches the server.</param>
    /// <param name="identity">This one among several.</param>
    /// <param name="longestLife">Then it is killed.</param>
    /// <param name="flags">Further flags.</param>
    public RunningOperator(string kubeconfig, string identity, TimeSpan longestLife, params string[] flags)
    {
        var port = LoopbackPorts.Free();
        Pages = new Uri($"http://127.0.0.1:{port}");
        Process = new ServerProcess(
            DotnetHost.ProgramPath,
            [
                BuiltProgram.PathOf("Damon.Operator", "damon-operator"),
                "--kubeconfig", kubeconfig,
                "--namespace", Namespace,
                "--identity", identity,
                "--listen", $"127.0.0.1:{port}",
                .. flags,
            ],
            longestLife);
    }

    /// <summary>Where its lease and the agents' pods are.</summary>
    public static string Namespace => "damon-system";

    /// <summary>As whom it comes, by <c>deploy/rbac</c>.</summary>
    public static TestUser User { get; } = TestUser.ServiceAccount(Namespace, "damon-operator");

    /// <summary>The labels by which it knows agents' pods.</summary>
    public static IReadOnlyDictionary<string, string> AgentLabels { get; } = new Dictionary<string, string> { ["app.kubernetes.io/name"] = "damon-agent" };

    public ServerProcess Process { get; }

    /// <summary>Where its pages are.</summary>
    public Uri Pages { get; }

    /// <summary>Its metrics; empty where it does not answer.</summary>
    public async Task<string> MetricsAsync(CancellationToken cancellation) => await PageAsync("/metrics", cancellation) ?? "";

    /// <summary>Whether it says that it leads.</summary>
    public async Task<bool> IsLeaderAsync(CancellationToken cancellation) => PrometheusText.Sum(await MetricsAsync(cancellation), "damon_operator_leader") > 0;

    /// <summary>Whether a page answers with success.</summary>
    public async Task<bool> SaysOkAsync(string page, CancellationToken cancellation) => await PageAsync(page, cancellation) is not null;

    /// <summary>The messages of its log at a level, as <c>error</c>.</summary>
    public IReadOnlyList<string> Messages(string level) =>
    [
        .. Process.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line.StartsWith('{') && line.EndsWith('}')).Select(MessageOf)
            .Where(entry => entry.Level == level).Select(entry => entry.Message),
    ];

    public void Dispose()
    {
        Process.Dispose();
        _pages.Dispose();
    }

    private static (string Level, string Message) MessageOf(string line)
    {
        using var entry = JsonDocument.Parse(line);
        return (entry.RootElement.GetProperty("level").GetString()!, entry.RootElement.GetProperty("message").GetString()! + (entry.RootElement.TryGetProperty("exception", out var thrown) ? $" {thrown}" : ""));
    }

    private async Task<string?> PageAsync(string page, CancellationToken cancellation)
    {
        try
        {
            using var answer = await _pages.GetAsync(new Uri(Pages, page), cancellation);
            return answer.IsSuccessStatusCode ? await answer.Content.ReadAsStringAsync(cancellation) : null;
        }
        catch (Exception error) when (error is HttpRequestException || (error is TaskCanceledException && !cancellation.IsCancellationRequested))
        {
            // Not listening yet, or not any more, or stopped.
            return null;
        }
    }
}
