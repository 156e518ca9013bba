using Damon.Hosting.Processes;
using Damon.Kubernetes.Connections;
using Damon.Kubernetes.Objects;
using Damon.Kubernetes.Requests;
using Damon.Operator.Hosting;

namespace Damon.Operator.Installations;

/// <summary>What the operator's program does when it is asked for something else than to operate: jobs of a chart, in whose images there is no shell.</summary>
internal static class InstallationVerbs
{
    /// <summary>Turns everything off and takes finalizers off, before the product is taken out.</summary>
    public const string Uninstall = "uninstall";

    /// <summary>Says whether an installation works.</summary>
    public const string Check = "check";

    /// <summary>Runs a verb.</summary>
    /// <param name="args">The verb and its flags.</param>
    /// <param name="log">The log.</param>
    /// <param name="environment">A variable's value, or null.</param>
    /// <param name="version">The operator's version.</param>
    /// <param name="time">The clock.</param>
    /// <param name="stop">Asks to end.</param>
    /// <returns>An exit code; null where the first argument is no verb.</returns>
    public static async Task<int?> TryRunAsync(IReadOnlyList<string> args, JsonLog log, Func<string, string?> environment, string version, TimeProvider time, CancellationToken stop)
    {
        if (args is not [Uninstall or Check, ..])
            return null;
        var isUninstall = args[0] == Uninstall;
        string[] flags = [.. args.Skip(1)];
        var wrong = isUninstall ? VerbOptions.TryParseUninstall(flags, out var options) : VerbOptions.TryParseCheck(flags, environment, out options);
        if (options is null)
        {
            log.Error(wrong);
            return OperatorExitCode.BadInput;
        }

        if (ApiConnections.TryConnect(options.Kubeconfig, environment, new ConnectionOptions { UserAgent = $"damon-operator-{args[0]}/{version}" }, time, out var problem) is not { } connection)
        {
            log.Error($"The API server cannot be spoken to: {problem}");
            return isUninstall ? OperatorExitCode.Ok : OperatorExitCode.BadInput;
        }

        using (connection)
        {
            var client = new ApiClient(connection, new ApiClientOptions { RequestTimeout = TimeSpan.FromSeconds(10), ListTimeout = TimeSpan.FromSeconds(20) }, time);
            return isUninstall ? await UninstallAsync(client, options, log, time, stop) : await CheckAsync(client, options, log, time, stop);
        }
    }

    /// <summary>Always succeeds: what fails here must not keep anybody from uninstalling.</summary>
    internal static async Task<int> UninstallAsync(ApiClient client, VerbOptions options, JsonLog log, TimeProvider time, CancellationToken stop)
    {
        try
        {
            await new Uninstallation(client, log, time).RunAsync(options.Timeout, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            log.Warn("Asked to end before everything was done.");
        }
        catch (Exception e)
        {
            log.Unexpected("the uninstallation has ended by a fault", e);
        }

        return OperatorExitCode.Ok;
    }

    internal static async Task<int> CheckAsync(ApiClient client, VerbOptions options, JsonLog log, TimeProvider time, CancellationToken stop)
    {
        try
        {
            var lacking = await new InstallationCheck(client, new ObjectKey(options.Namespace, options.LeaseName), log, time).RunAsync(options.Timeout, stop);
            foreach (var lack in lacking)
                log.Error(lack);
            if (lacking.Count == 0)
                log.Info("The installation works.");
            return lacking.Count == 0 ? OperatorExitCode.Ok : OperatorExitCode.Failed;
        }
        catch (Exception e)
        {
            log.Unexpected("the check has ended by a fault", e);
            return OperatorExitCode.Failed;
        }
    }
}
