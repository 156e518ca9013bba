using System.Reflection;
using System.Security.Cryptography;
using Damon.Engine.Host;
using Damon.Hosting.Processes;
using Damon.Kubernetes.Connections;
using Damon.Kubernetes.Requests;
using Damon.NodeAgent.Http;

namespace Damon.NodeAgent.Hosting;

/// <summary>The agent's process from its command line to its exit code.</summary>
public static class AgentProgram
{
    /// <summary>The agent's version.</summary>
    public static string Version { get; } =
        typeof(AgentProgram).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";

    /// <summary>Runs the agent with this process's environment, signals and clock.</summary>
    /// <param name="args">The flags.</param>
    /// <param name="output">Takes what was asked for: help and version.</param>
    /// <param name="error">Takes the log.</param>
    /// <returns>One of <see cref="AgentExitCode"/>.</returns>
    public static Task<int> RunAsync(IReadOnlyList<string> args, TextWriter output, TextWriter error) => RunAsync(args, output, error, AgentBody.TryMake);

    /// <summary>The same, running something else.</summary>
    internal static async Task<int> RunAsync(IReadOnlyList<string> args, TextWriter output, TextWriter error, BodyFactory compose)
    {
        using var signals = new StopSignals(static () => Environment.Exit(AgentExitCode.Killed));
        signals.Listen();
        return await RunAsync(args, output, error, Environment.GetEnvironmentVariable, TimeProvider.System, compose, signals.Stop);
    }

    /// <summary>Runs the agent with everything given.</summary>
    internal static async Task<int> RunAsync(
        IReadOnlyList<string> args, TextWriter output, TextWriter error, Func<string, string?> environment, TimeProvider time, BodyFactory compose, CancellationToken stop)
    {
        if (args is ["--help"] or ["-h"])
        {
            await output.WriteLineAsync(AgentOptions.Usage);
            return AgentExitCode.Ok;
        }

        if (args is ["--version"])
        {
            await output.WriteLineAsync(Version);
            return AgentExitCode.Ok;
        }

        var log = new JsonLog(error, time);
        var wrong = AgentOptions.TryParse(args, environment, out var options);
        if (options is null)
        {
            log.Error(wrong);
            return AgentExitCode.BadInput;
        }

        var settings = new ConnectionOptions { UserAgent = $"damon-agent/{Version}" };
        if (ApiConnections.TryConnect(options.Kubeconfig, environment, settings, time, out var problem) is not { } connection)
        {
            log.Error($"The API server cannot be spoken to: {problem}");
            return AgentExitCode.BadInput;
        }

        using (connection)
        {
            var seed = Seed();
            using var body = compose(options, log, time, seed, out var why);
            if (body is null)
            {
                log.Error(why);
                return AgentExitCode.Unsupported;
            }

            await using var http = options.Listen is { } listen
                ? new AgentHttpServer(
                    new AgentHttpOptions { Listen = listen, TokenPath = options.MetricsTokenFile ?? "", PodSeries = options.PodSeries },
                    body.View,
                    new HostRoot(),
                    time,
                    e => log.Unexpected("a page has failed", e))
                : null;
            if (http is not null && await http.StartAsync(stop) is { Length: > 0 } deaf)
            {
                log.Error(deaf);
                return AgentExitCode.BadInput;
            }

            try
            {
                if (http is not null)
                {
                    log.Info($"Metrics, health and snapshots are at {http.Address}.");
                }

                await using var trim = HeapTrim.Start(time);
                var client = new ApiClient(connection, new ApiClientOptions(), time);
                return await new AgentProcess(client, options.NodeName, body, log, time, seed).RunAsync(stop);
            }
            catch (Exception e)
            {
                log.Unexpected("the agent has ended by a fault", e);
                return AgentExitCode.Failed;
            }
        }
    }

    /// <summary>Makes what a process runs, or says why there is none.</summary>
    internal delegate IAgentBody? BodyFactory(AgentOptions options, JsonLog log, TimeProvider time, ulong seed, out string why);

    /// <summary>Nodes that start together must not wait alike.</summary>
    private static ulong Seed() => BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));
}
