using System.Globalization;
using System.Net;
using Damon.Api.Clusters;
using Damon.Api.Units;
using Damon.Hosting.Http;
using Damon.Hosting.Processes;
using Damon.Operator.Http;

namespace Damon.Operator.Hosting;

/// <summary>How an operator's process runs: its flags, and what it takes from the environment where a flag is missing.</summary>
internal sealed record OperatorOptions
{
    /// <summary>The flags, for people.</summary>
    public const string Usage =
        """
        damon-operator: turns DamonSchemes into a plan for each node, brings changes to the nodes step by step, and says what became of them

          --namespace NAME           the operator's own namespace, where the lease is and agents run (or POD_NAMESPACE)
          --identity NAME            this process among several (or POD_NAME); something by chance is added
          --agent-selector LABELS    which pods of that namespace are agents; default app.kubernetes.io/name=damon-agent
          --cluster-config PATH      the DamonClusterConfig, in YAML or JSON, that is made where the cluster has none; one that is there is never changed
          --cluster-mode MODE        the mode of that: Off, Observe or Enforce; default: the file's, or Observe. An uninstallation's Off is lifted to it
          --lease-name NAME          the lease that operators of one cluster share; default damon-operator
          --lease-duration TIME      others take over when the leader has not been heard of for so long, from 3s to 10m; default 15s
          --node-workers NUMBER      how many plans are written at once, from 1 to 64; default 8
          --writes-per-second NUMBER how many objects are written a second at the most, from 1 to 10000; default 200
          --listen ADDRESS:PORT      metrics and health; default 127.0.0.1:9856; 'off' for nothing
          --metrics-token-file PATH  who sends this token may read metrics; needed where --listen is not a loopback address
          --kubeconfig PATH          how the API server is reached; default: the pod's service account
          --version, --help

        damon-operator uninstall [--timeout TIME] [--kubeconfig PATH]
          sets the cluster to Off, waits for nodes to say so (default and at most 60s), and takes the finalizer off every DamonScheme; ends with 0 whatever happened

        damon-operator check [--timeout TIME] [--namespace NAME] [--lease-name NAME] [--kubeconfig PATH]
          waits until an operator leads, the cluster has a configuration and an agent has taken its plan up (default 60s); says what is lacking, and ends with 1

        Of several operators one leads, and the others stand by. SIGTERM ends it: writes that are under way are ended, and the lease is given back. A second one ends it at once.
        """;

    private const int MaxWorkers = 64;
    private const int MaxWrites = 10_000;
    private const int MaxSelectorLength = 1024;
    private const int MaxNameLength = 253;

    private static readonly TimeSpan MinLease = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan MaxLease = TimeSpan.FromMinutes(10);

    /// <summary>The operator's namespace.</summary>
    public required string Namespace { get; init; }

    /// <summary>This process among several; empty for nothing but chance.</summary>
    public string Identity { get; init; } = "";

    /// <summary>Which pods are agents.</summary>
    public string AgentSelector { get; init; } = "app.kubernetes.io/name=damon-agent";

    /// <summary>A file with the configuration to make; null for one of defaults.</summary>
    public string? ClusterConfigFile { get; init; }

    /// <summary>Its mode; null for what the file says.</summary>
    public ClusterMode? ClusterMode { get; init; }

    /// <summary>The lease's name.</summary>
    public string LeaseName { get; init; } = "damon-operator";

    /// <summary>How long it lasts.</summary>
    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How many plans are written at once.</summary>
    public int NodeWorkers { get; init; } = 8;

    /// <summary>How many objects are written a second.</summary>
    public int WritesPerSecond { get; init; } = 200;

    /// <summary>Where to listen; null for nowhere.</summary>
    public IPEndPoint? Listen { get; init; } = new(IPAddress.Loopback, OperatorApi.DefaultPort);

    /// <summary>A file with the token of those who may read; null for none.</summary>
    public string? MetricsTokenFile { get; init; }

    /// <summary>A kubeconfig file; null for the pod's service account.</summary>
    public string? Kubeconfig { get; init; }

    /// <summary>Reads flags.</summary>
    /// <param name="args">As the process got them.</param>
    /// <param name="environment">A variable's value, or null.</param>
    /// <param name="options">The options; null where something is wrong.</param>
    /// <returns>What is wrong and what is accepted; empty where nothing is.</returns>
    public static string TryParse(IReadOnlyList<string> args, Func<string, string?> environment, out OperatorOptions? options)
    {
        options = null;
        var parsed = new OperatorOptions { Namespace = environment("POD_NAMESPACE") ?? "", Identity = environment("POD_NAME") ?? "" };
        if (FlagReader.Read(args, (name, value) => Set(ref parsed, name, value)) is { Length: > 0 } error)
            return error;
        if (parsed.WhyNot() is { Length: > 0 } wrong)
            return wrong;
        options = parsed;
        return "";
    }

    private static string Set(ref OperatorOptions options, string name, string value)
    {
        switch (name)
        {
            case "--namespace":
                options = options with { Namespace = value };
                return "";
            case "--identity":
                options = options with { Identity = value };
                return "";
            case "--agent-selector":
                options = options with { AgentSelector = value };
                return value.Length <= MaxSelectorLength ? "" : $"{name} has more than {MaxSelectorLength} characters";
            case "--cluster-config":
                options = options with { ClusterConfigFile = value };
                return "";
            case "--cluster-mode":
                if (!Enum.GetNames<ClusterMode>().Contains(value, StringComparer.Ordinal))
                    return $"{name}: {QuotedText.Of(value)} is none of {string.Join(", ", Enum.GetNames<ClusterMode>())}";
                options = options with { ClusterMode = Enum.Parse<ClusterMode>(value) };
                return "";
            case "--lease-name":
                options = options with { LeaseName = value };
                return IsName(value) ? "" : $"{name}: {QuotedText.Of(value)} cannot be a lease's name";
            case "--lease-duration":
                return SetLeaseDuration(ref options, name, value);
            case "--node-workers":
                options = options with { NodeWorkers = Number(value, MaxWorkers) };
                return options.NodeWorkers > 0 ? "" : $"{name}: {QuotedText.Of(value)} is no number from 1 to {MaxWorkers}";
            case "--writes-per-second":
                options = options with { WritesPerSecond = Number(value, MaxWrites) };
                return options.WritesPerSecond > 0 ? "" : $"{name}: {QuotedText.Of(value)} is no number from 1 to {MaxWrites}";
            case "--kubeconfig":
                options = options with { Kubeconfig = value };
                return "";
            case "--metrics-token-file":
                options = options with { MetricsTokenFile = value };
                return "";
            case "--listen":
                var wrong = ListenFlag.TryParse(name, value, OperatorApi.DefaultPort, out var endpoint);
                options = options with { Listen = endpoint };
                return wrong;
            default:
                return $"there is no flag {QuotedText.Of(name)}; see --help";
        }
    }

    private static string SetLeaseDuration(ref OperatorOptions options, string name, string value)
    {
        if (!DurationValue.TryParse(value, out var duration, out var error))
            return $"{name}: {error}";
        var span = duration.ToTimeSpan();
        if (span < MinLease || span > MaxLease || span.Ticks % TimeSpan.TicksPerSecond != 0)
            return $"{name} must be whole seconds, from 3s to 10m";
        options = options with { LeaseDuration = span };
        return "";
    }

    /// <returns>0 where it is none.</returns>
    private static int Number(string value, int max) => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= max ? number : 0;

    private static bool IsName(string name) => name.Length is > 0 and <= MaxNameLength
        && char.IsAsciiLetterOrDigit(name[0]) && char.IsAsciiLetterOrDigit(name[^1])
        && name.All(character => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character is '-' or '.');

    private string WhyNot()
    {
        if (Namespace.Length == 0)
            return "the operator's namespace is not known; give --namespace, or POD_NAMESPACE from metadata.namespace";
        if (!IsName(Namespace) || Namespace.Contains('.', StringComparison.Ordinal))
            return $"{QuotedText.Of(Namespace)} cannot be a namespace's name";
        return ListenFlag.WhyNot(Listen, MetricsTokenFile);
    }
}
