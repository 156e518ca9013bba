using System.Globalization;
using System.Net;
using Damon.Api.Units;
using Damon.Hosting.Http;
using Damon.Hosting.Processes;
using Damon.NodeAgent.Http;

namespace Damon.NodeAgent.Hosting;

/// <summary>How an agent's process runs: its flags, and what it takes from the environment where a flag is missing.</summary>
internal sealed record AgentOptions
{
    /// <summary>The flags, for people.</summary>
    public const string Usage =
        """
        damon-agent: finds cold and hot memory of this node's pods and does what the node's plan says

          --node-name NAME           this node, as the API server knows it (or NODE_NAME)
          --pod-uid UID              the agent's own pod, which it never touches (or POD_UID)
          --host-root PATH           where the host's /proc and /sys are; default /
          --cgroup-root PATH         the control group below which this node's pods are, as /kubepods.slice; default: it is looked for
          --state-dir PATH           where the last plan and the ledger of changes are kept; default /var/lib/damon
          --kernel-damon on|off      whether the kernel's DAMON may be used; default on. off where machines that run an agent each share one kernel, as kind's do
          --cpu-ceiling PERCENT      the most CPU that the agent takes, as a share of one core, where the cluster's configuration allows more
          --listen ADDRESS:PORT      metrics, health and snapshots; default 127.0.0.1:9855; 'off' for nothing
          --metrics-token-file PATH  who sends this token may read; needed where --listen is not a loopback address
          --pod-series NUMBER        for how many pods there are metrics of their own, those with the most memory; default 0, at most 200
          --kubeconfig PATH          how the API server is reached; default: the pod's service account
          --version, --help

        SIGTERM ends it: nothing is done any more, and what can be put back is. A second one ends it at once.
        """;

    private const int MaxNodeNameLength = 253;
    private const int MaxPodSeries = 200;

    /// <summary>This node.</summary>
    public required string NodeName { get; init; }

    /// <summary>The agent's own pod; empty outside of one.</summary>
    public string PodUid { get; init; } = "";

    /// <summary>Where the host's file systems are.</summary>
    public string HostRoot { get; init; } = "/";

    /// <summary>The control group of the node's pods; null to look for it.</summary>
    public string? CgroupRoot { get; init; }

    /// <summary>Where files are kept.</summary>
    public string StateFolder { get; init; } = "/var/lib/damon";

    /// <summary>Whether the kernel's DAMON may be used where it is free.</summary>
    public bool UsesKernelDamon { get; init; } = true;

    /// <summary>The most CPU, as a share of one core; null for what the cluster's configuration allows.</summary>
    public Percent? CpuCeiling { get; init; }

    /// <summary>Where to listen; null for nowhere.</summary>
    public IPEndPoint? Listen { get; init; } = new(IPAddress.Loopback, AgentApi.DefaultPort);

    /// <summary>A file with the token of those who may read; null for none.</summary>
    public string? MetricsTokenFile { get; init; }

    /// <summary>For how many pods there are series of metrics.</summary>
    public int PodSeries { get; init; }

    /// <summary>A kubeconfig file; null for the pod's service account.</summary>
    public string? Kubeconfig { get; init; }

    /// <summary>The file of the last plan.</summary>
    public string PlanFile => $"{StateFolder}/plan/plan";

    /// <summary>The ledger of changes.</summary>
    public string LedgerFile => $"{StateFolder}/ledger/ledger";

    /// <summary>Reads flags.</summary>
    /// <param name="args">As the process got them.</param>
    /// <param name="environment">A variable's value, or null.</param>
    /// <param name="options">The options; null where something is wrong.</param>
    /// <returns>What is wrong and what is accepted; empty where nothing is.</returns>
    public static string TryParse(IReadOnlyList<string> args, Func<string, string?> environment, out AgentOptions? options)
    {
        options = null;
        var parsed = new AgentOptions { NodeName = environment("NODE_NAME") ?? "", PodUid = environment("POD_UID") ?? "" };
        if (FlagReader.Read(args, (name, value) => Set(ref parsed, name, value)) is { Length: > 0 } error)
        {
            return error;
        }

        if (parsed.WhyNot() is { Length: > 0 } wrong)
        {
            return wrong;
        }

        options = parsed;
        return "";
    }

    private static string Set(ref AgentOptions options, string name, string value)
    {
        switch (name)
        {
            case "--node-name":
                options = options with { NodeName = value };
                return "";
            case "--pod-uid":
                options = options with { PodUid = value };
                return "";
            case "--host-root":
                options = options with { HostRoot = value };
                return PathProblem(name, value);
            case "--cgroup-root":
                options = options with { CgroupRoot = value };
                return PathProblem(name, value);
            case "--state-dir":
                options = options with { StateFolder = value.Length > 1 ? value.TrimEnd('/') : value };
                return value.TrimEnd('/').Length == 0 ? $"{name} needs a folder of its own" : PathProblem(name, value);
            case "--kubeconfig":
                options = options with { Kubeconfig = value };
                return PathProblem(name, value);
            case "--metrics-token-file":
                options = options with { MetricsTokenFile = value };
                return PathProblem(name, value);
            case "--kernel-damon":
                options = options with { UsesKernelDamon = value == "on" };
                return value is "on" or "off" ? "" : $"{name}: {QuotedText.Of(value)} is neither on nor off";
            case "--cpu-ceiling":
                if (!Percent.TryParse(value, out var ceiling, out var error))
                {
                    return $"{name}: {error}";
                }

                options = options with { CpuCeiling = ceiling };
                return ceiling.Millionths > 0 ? "" : $"{name} must be above 0%";
            case "--pod-series":
                if (!int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var pods) || pods > MaxPodSeries)
                {
                    return $"{name}: {QuotedText.Of(value)} is no number from 0 to {MaxPodSeries}";
                }

                options = options with { PodSeries = pods };
                return "";
            case "--listen":
                var wrong = ListenFlag.TryParse(name, value, AgentApi.DefaultPort, out var endpoint);
                options = options with { Listen = endpoint };
                return wrong;
            default:
                return $"there is no flag {QuotedText.Of(name)}; see --help";
        }
    }

    private static string PathProblem(string name, string value) =>
        !value.StartsWith('/') || value.Split('/').Contains("..", StringComparer.Ordinal) ? $"{name}: {QuotedText.Of(value)} is not an absolute path without '..'" : "";

    private string WhyNot()
    {
        if (NodeName.Length == 0)
        {
            return "the node's name is not known; give --node-name, or NODE_NAME from spec.nodeName";
        }

        if (NodeName.Length > MaxNodeNameLength || !NodeName.All(character => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character is '-' or '.'))
        {
            return $"{QuotedText.Of(NodeName)} cannot be a node's name: lower case letters, digits, '-' and '.', at most {MaxNodeNameLength}";
        }

        return ListenFlag.WhyNot(Listen, MetricsTokenFile);
    }
}
