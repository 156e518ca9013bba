using Damon.Api.Units;
using Damon.Hosting.Processes;

namespace Damon.Operator.Installations;

/// <summary>Flags of the verbs that look after an installation.</summary>
internal sealed record VerbOptions
{
    /// <summary>The longest time that can be asked for; an uninstallation has less.</summary>
    internal static readonly TimeSpan MaxTimeout = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan MinTimeout = TimeSpan.FromSeconds(1);

    /// <summary>Where the operators' lease is.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>Its name.</summary>
    public string LeaseName { get; init; } = "damon-operator";

    /// <summary>How long the verb may wait.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>A kubeconfig file; null for the pod's service account.</summary>
    public string? Kubeconfig { get; init; }

    /// <summary>Reads the flags of an uninstallation.</summary>
    /// <param name="args">What follows the verb.</param>
    /// <param name="options">The options; null where something is wrong.</param>
    /// <returns>What is wrong; empty where nothing is.</returns>
    public static string TryParseUninstall(IReadOnlyList<string> args, out VerbOptions? options)
    {
        options = null;
        var parsed = new VerbOptions();
        if (FlagReader.Read(args, (name, value) => SetShared(ref parsed, name, value, Uninstallation.MaxPatience)) is { Length: > 0 } error)
            return error;
        options = parsed;
        return "";
    }

    /// <summary>Reads the flags of a check.</summary>
    /// <param name="args">What follows the verb.</param>
    /// <param name="environment">A variable's value, or null.</param>
    /// <param name="options">The options; null where something is wrong.</param>
    /// <returns>What is wrong; empty where nothing is.</returns>
    public static string TryParseCheck(IReadOnlyList<string> args, Func<string, string?> environment, out VerbOptions? options)
    {
        options = null;
        var parsed = new VerbOptions { Namespace = environment("POD_NAMESPACE") ?? "" };
        if (FlagReader.Read(args, (name, value) => SetCheck(ref parsed, name, value)) is { Length: > 0 } error)
            return error;
        if (parsed.Namespace.Length == 0)
            return "the operator's namespace is not known; give --namespace, or POD_NAMESPACE from metadata.namespace";
        options = parsed;
        return "";
    }

    private static string SetCheck(ref VerbOptions options, string name, string value)
    {
        switch (name)
        {
            case "--namespace":
                options = options with { Namespace = value };
                return "";
            case "--lease-name":
                options = options with { LeaseName = value };
                return "";
            default:
                return SetShared(ref options, name, value, MaxTimeout);
        }
    }

    private static string SetShared(ref VerbOptions options, string name, string value, TimeSpan maxTimeout)
    {
        switch (name)
        {
            case "--kubeconfig":
                options = options with { Kubeconfig = value };
                return "";
            case "--timeout":
                if (!DurationValue.TryParse(value, out var duration, out var error))
                    return $"{name}: {error}";
                options = options with { Timeout = duration.ToTimeSpan() };
                return options.Timeout >= MinTimeout && options.Timeout <= maxTimeout ? "" : $"{name} must be from 1s to {maxTimeout.TotalSeconds:0}s";
            default:
                return $"there is no flag {QuotedText.Of(name)}; see --help";
        }
    }
}
