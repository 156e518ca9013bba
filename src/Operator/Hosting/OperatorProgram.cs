using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using Damon.Api.Manifests;
using Damon.Hosting.Http;
using Damon.Hosting.Processes;
using Damon.Kubernetes.Connections;
using Damon.Kubernetes.Leases;
using Damon.Kubernetes.Requests;
using Damon.Operator.Cluster;
using Damon.Operator.Http;
using Damon.Operator.Installations;

namespace Damon.Operator.Hosting;

/// <summary>The operator's process from its command line to its exit code.</summary>
public static class OperatorProgram
{
    /// <summary>The operator's version.</summary>
    public static string Version { get; } =
        typeof(OperatorProgram).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";

    /// <summary>Runs the operator with this process's environment, signals and clock.</summary>
    /// <param name="args">The flags.</param>
    /// <param name="output">Takes what was asked for: help and version.</param>
    /// <param name="error">Takes the log.</param>
    /// <returns>One of <see cref="OperatorExitCode"/>.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> args, TextWriter output, TextWriter error)
    {
        using var signals = new StopSignals(static () => Environment.Exit(OperatorExitCode.Killed));
        signals.Listen();
        return await RunAsync(args, output, error, Environment.GetEnvironmentVariable, OwnFile.ReadText, TimeProvider.System, signals.Stop);
    }

    /// <summary>Runs the operator with everything given.</summary>
    internal static async Task<int> RunAsync(
        IReadOnlyList<string> args, TextWriter output, TextWriter error, Func<string, string?> environment, TextReading read, TimeProvider time, CancellationToken stop)
    {
        if (args is ["--help"] or ["-h"])
        {
            await output.WriteLineAsync(OperatorOptions.Usage);
            return OperatorExitCode.Ok;
        }

        if (args is ["--version"])
        {
            await output.WriteLineAsync(Version);
            return OperatorExitCode.Ok;
        }

        var log = new JsonLog(error, time);
        if (await InstallationVerbs.TryRunAsync(args, log, environment, Version, time, stop) is { } ended)
            return ended;
        var wrong = OperatorOptions.TryParse(args, environment, out var options);
        if (options is null)
        {
            log.Error(wrong);
            return OperatorExitCode.BadInput;
        }

        if (FirstConfigOf(options, read, out var bad) is not { } first)
        {
            log.Error($"--cluster-config: {bad}");
            return OperatorExitCode.BadInput;
        }

        var settings = new ConnectionOptions { UserAgent = $"damon-operator/{Version}" };
        if (ApiConnections.TryConnect(options.Kubeconfig, environment, settings, time, out var problem) is not { } connection)
        {
            log.Error($"The API server cannot be spoken to: {problem}");
            return OperatorExitCode.BadInput;
        }

        using (connection)
        {
            return await RunAsync(options, first, new ApiClient(connection, new ApiClientOptions(), time), log, read, time, stop);
        }
    }

    private static async Task<int> RunAsync(OperatorOptions options, FirstConfig first, ApiClient client, JsonLog log, TextReading read, TimeProvider time, CancellationToken stop)
    {
        var seed = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));
        var process = new OperatorProcess(client, ElectionOf(options, seed), SettingsOf(options, first), Version, log, time, seed);
        await using var http = options.Listen is { } listen
            ? new PageServer(
                new PageServerOptions { Listen = listen, TokenPath = options.MetricsTokenFile ?? "" }, new OperatorPages(process.View, time), read, time, e => log.Unexpected("a page has failed", e))
            : null;
        if (http is not null && await http.StartAsync(stop) is { Length: > 0 } deaf)
        {
            log.Error(deaf);
            return OperatorExitCode.BadInput;
        }

        try
        {
            if (http is not null)
                log.Info($"Metrics and health are at {http.Address}.");
            return await process.RunAsync(stop);
        }
        catch (Exception e)
        {
            log.Unexpected("the operator has ended by a fault", e);
            return OperatorExitCode.Failed;
        }
    }

    private static FirstConfig? FirstConfigOf(OperatorOptions options, TextReading read, out string error)
    {
        var text = "";
        if (options.ClusterConfigFile is { } file)
        {
            if (read(file, ManifestReader.MaxBytes, out var why) is not { } content)
            {
                error = $"{file} cannot be read: {why}";
                return null;
            }

            text = content;
        }

        return FirstConfig.Read(options.ClusterConfigFile, text, options.ClusterMode, out error);
    }

    /// <summary>The proportions are client-go's: renewed for two thirds of the duration, tried seven times in it.</summary>
    internal static LeaderElectionOptions ElectionOf(OperatorOptions options, ulong seed)
    {
        // A restarted process must not take the lease of the one before it for its own: that one may not have ended.
        var chance = seed.ToString("x16", CultureInfo.InvariantCulture);
        return new LeaderElectionOptions(options.Namespace, options.LeaseName, options.Identity.Length > 0 ? $"{options.Identity}_{chance}" : chance)
        {
            LeaseDuration = options.LeaseDuration,
            RenewDeadline = options.LeaseDuration * 2 / 3,
            RetryPeriod = options.LeaseDuration * 2 / 15,
        };
    }

    private static TermSettings SettingsOf(OperatorOptions options, FirstConfig first) => new()
    {
        Identity = options.Identity.Length > 0 ? options.Identity : "damon-operator",
        AgentNamespace = options.Namespace,
        AgentSelector = options.AgentSelector,
        FirstConfig = first.Json,
        FirstMode = first.Mode,
        NodeWorkers = options.NodeWorkers,
        WritesPerSecond = options.WritesPerSecond,
    };
}
